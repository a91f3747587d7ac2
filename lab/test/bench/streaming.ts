/* How long the root file system takes to arrive on the disk, beside a bare download in the same machine:
 *   node lab/test/bench/streaming.ts        (as root; make image first)
 * One VM boots the installer's shell. There, twice in turn: wget | gzip | tar onto a fresh file system, and the installer's own
 * step. Nothing is judged. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { httpGet } from '../../src/container.ts';
import { buildImage } from '../../src/debian-image.ts';
import { labDown, labUp, thisLab } from '../../src/lab.ts';
import { provisionerIp, vmsDirectory } from '../../src/settings.ts';
import { startVm } from '../../src/vm.ts';
import { removeMachine, saveDefinition } from '../../src/vm-files.ts';
import { runInShell, untilPrinted } from '../e2e/support/console.ts';

const lab = thisLab('x86_64', 'pxeboot-bench');
const vm = 'bench';
const rounds = 2;
const stepTimeoutMs = 600_000;

/** Seconds of the bare pipeline, as a person would type it. */
async function bareSeconds(): Promise<number> {
  const url = `http://${provisionerIp}/images/debian-12/x86_64/rootfs.tar.gz`;
  const prepare = 'printf "label: gpt\\n,\\n" | /usr/sbin/sfdisk -q --wipe always /dev/vda && udevadm settle';
  const format = '/usr/sbin/mkfs.ext4 -q -F /dev/vda1 && mkdir -p /bare && mount -t ext4 /dev/vda1 /bare';
  await runInShell(lab, vm, `${prepare} && ${format}`);
  const extract = '/usr/bin/tar -x -p --numeric-owner --xattrs --xattrs-include=* --acls -f - -C /bare';
  const output = await runInShell(
    lab,
    vm,
    `time sh -c 'wget -q -O - ${url} | /usr/bin/gzip -dc | ${extract}'`,
    stepTimeoutMs,
  );
  await runInShell(lab, vm, 'umount /bare', stepTimeoutMs);
  const [, minutes = '0', seconds = '0'] = /real\s+(\d+)m\s*([\d.]+)s/.exec(output) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Seconds of the installer's step "unpack". */
async function installerSeconds(): Promise<number> {
  await runInShell(lab, vm, 'os-installer > /run/log 2>&1', stepTimeoutMs);
  const { events } = JSON.parse(await httpGet(`/api/vms/${vm}`, lab)) as {
    events: { step: string; state: string; ms?: number }[];
  };
  return (events.find(({ step, state }) => step === 'unpack' && state === 'finished')?.ms ?? NaN) / 1000;
}

await labDown(lab);
try {
  await buildImage(lab, 'debian-12', 'x86_64');
  await labUp(lab);
  await removeMachine(lab, vm);
  const install = { kernel_args: ['initrd.mode=shell'] };
  await saveDefinition(lab, { name: vm, number: 50, arch: 'x86_64', distro: 'debian-12', pxeboot: true, install });
  await writeFile(join(vmsDirectory(lab), `${vm}.noreboot`), '');
  await startVm(lab, vm);
  await untilPrinted(lab, vm, /init: shell on the console/, 180_000);
  const up = `ip link set eth0 up && sleep 1 && udhcpc -q -n -i eth0 && mkdir -p /run`;
  await runInShell(lab, vm, up);
  for (let round = 1; round <= rounds; round++) {
    const [bare, installer] = [await bareSeconds(), await installerSeconds()];
    console.log(`round ${round}: wget | gzip | tar ${bare.toFixed(1)} s, os-installer ${installer.toFixed(1)} s`);
  }
} finally {
  await labDown(lab);
}
