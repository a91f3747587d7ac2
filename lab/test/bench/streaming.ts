/* The phases of one installation beside the shell prototype's, and how long the root file system takes to arrive on the disk beside
 * a bare download in the same machine:
 *   make bench-install        (as root)
 * One VM installs itself and stays in the installer's shell. There, in turn and each first as often as the other: wget | gzip | tar
 * onto a fresh file system, and the installer's own step. Printed for docs/install-phases.md; nothing is judged. */
import { readFile, writeFile } from 'node:fs/promises';

import { buildImage } from '../../src/debian-image.ts';
import { followPhases } from '../../src/follow-phases.ts';
import { labDown, labUp, thisLab } from '../../src/lab.ts';
import { comparePhases } from '../../src/decide/phases.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { startVm } from '../../src/vm.ts';
import { beginRun } from '../../testing/report/test-machine.ts';
import { describeRun } from '../../testing/report/decide/report.ts';
import { machinePaths, noRebootPath, removeMachine, saveDefinition } from '../../src/vm-files.ts';
import { runInShell, untilPrinted } from '../e2e/support/console.ts';
import { reportedEvents } from '../e2e/support/status.ts';

const lab = thisLab('x86_64', 'pxeboot-bench');
const vm = 'bench';
const rounds = 4;

/** Seconds of the bare pipeline, as a person would type it. */
async function bareSeconds(): Promise<number> {
  const url = `http://${provisionerIp}/images/debian-12/x86_64/rootfs.tar.gz`;
  const prepare = 'printf "label: gpt\\n,\\n" | /usr/sbin/sfdisk -q --wipe always /dev/vda && udevadm settle';
  const format = '/usr/sbin/mkfs.ext4 -q -F /dev/vda1 && mkdir -p /bare && mount -t ext4 /dev/vda1 /bare';
  await runInShell(lab, vm, `${prepare} && ${format}`);
  const extract = '/usr/bin/tar -x -p --numeric-owner --xattrs --xattrs-include=* --acls -f - -C /bare';
  const output = await runInShell(lab, vm, `time sh -c 'wget -q -O - ${url} | /usr/bin/gzip -dc | ${extract}'`);
  await runInShell(lab, vm, 'umount /bare');
  const [, minutes = '0', seconds = '0'] = /real\s+(\d+)m\s*([\d.]+)s/.exec(output) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

/** Milliseconds of the last installer's step "unpack". */
async function unpackMs(): Promise<number> {
  const events = await reportedEvents(lab, vm);
  return events.find(({ step, state }) => step === 'unpack' && state === 'finished')?.ms ?? NaN;
}

/** Seconds of the step "unpack" of one more installation. */
async function installerSeconds(): Promise<number> {
  await runInShell(lab, vm, 'os-installer > /run/log 2>&1');
  return (await unpackMs()) / 1000;
}

/** Powers the VM on and waits until it is installed: each phase, in seconds from the start of QEMU. */
async function installAndTime(): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const stopFollowing = followPhases(lab, (phase) => times.set(phase, Date.now()));
  try {
    await startVm(lab, vm);
    await untilPrinted(lab, vm, /init: installed; staying here as asked/);
  } finally {
    stopFollowing();
  }
  const log = await readFile(machinePaths(lab, vm).runnerLog, 'utf8');
  const startedAt = Date.parse(/^(\S+) info lab machine starts/m.exec(log)?.[1] ?? '');
  return new Map([...times].map(([phase, at]) => [phase, (at - startedAt) / 1000]));
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

function inSeconds(seconds: number | undefined): string {
  return `${seconds?.toFixed(1)} s`;
}

const ways = [
  { name: 'wget | gzip | tar', measure: bareSeconds, seconds: [] as number[] },
  { name: 'os-installer', measure: installerSeconds, seconds: [] as number[] },
];

console.log(describeRun(await beginRun('docs/test-report.md')).join(', '));
await labDown(lab);
try {
  await buildImage(lab, 'debian-12', 'x86_64');
  await labUp(lab);
  await removeMachine(lab, vm);
  await saveDefinition(lab, { name: vm, number: 50, arch: 'x86_64', distro: 'debian-12', pxeboot: true });
  await writeFile(noRebootPath(lab, vm), '');
  const phases = await installAndTime();
  console.log(`${comparePhases(phases).join('\n')}\n`);
  console.log(`first installation: unpack ${inSeconds((await unpackMs()) / 1000)}`);
  for (let round = 1; round <= rounds; round++) {
    const turn = round % 2 === 1 ? ways : ways.toReversed();
    for (const way of turn) way.seconds.push(await way.measure());
    console.log(
      `round ${round}: ${turn.map(({ name, seconds }) => `${name} ${inSeconds(seconds.at(-1))}`).join(', ')}`,
    );
  }
  console.log(`median: ${ways.map(({ name, seconds }) => `${name} ${inSeconds(median(seconds))}`).join(', ')}`);
} finally {
  await labDown(lab);
}
