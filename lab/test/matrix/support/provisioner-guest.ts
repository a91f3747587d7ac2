import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/host/run';

import { httpGet } from '../../../src/container.ts';
import type { LabSettings } from '../../../src/decide/settings.ts';
import { bridge, machineDirectory, provisionerIp, vmsDirectory } from '../../../src/decide/settings.ts';
import { createNamespace, createTap, inNamespace, runInNamespace } from '../../../src/namespace.ts';
import { GaveUp, waitWhile } from '../../../src/wait-until.ts';

const name = 'provisioner';
const tap = 'tap-prov';

/** A machine with a Docker engine of its own in which the container runs, as pvmlab's provisioner does: definitions, images
 * and the container's tarball come from 9p shares of directories that are this machine's. */
export interface ProvisionerGuest {
  /** Where its serial console is written, the container's log among it. */
  consoleLog: string;
  /** Waits until the container in it answers. */
  untilServing(): Promise<void>;
  stop(): Promise<void>;
}

/** Powers it on in a network where it, and not the bridge, has the provisioner's address. It ends with the lab's network. */
export async function startProvisioner(lab: LabSettings): Promise<ProvisionerGuest> {
  const built = join(lab.root, 'build/provisioner');
  await run(join(import.meta.dirname, 'provisioner/build.sh'), [built], { timeoutMs: 0 });
  await createNamespace(lab);
  await runInNamespace(lab, 'ip', ['address', 'delete', `${provisionerIp}/24`, 'dev', bridge]);
  await runInNamespace(lab, 'ip', ['address', 'add', provisionerIp.replace(/\d+$/, '254/24'), 'dev', bridge]);
  await createTap(lab, tap);
  const directory = machineDirectory(lab, name);
  for (const needed of [directory, vmsDirectory(lab), lab.images]) await mkdir(needed, { recursive: true });
  const consoleLog = join(directory, 'console.log');
  await writeFile(consoleLog, '');
  const child = spawn(...inNamespace(lab, 'qemu-system-x86_64', qemuArguments(lab, built, consoleLog)), {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  return {
    consoleLog,
    async untilServing() {
      const living = { name: 'the provisioner', traces: async () => (await stat(consoleLog)).size };
      await waitWhile('start the container in the provisioner', living, async () => {
        const status = child.exitCode ?? child.signalCode;
        if (status !== null) throw new GaveUp(`QEMU ended with ${status}; "${consoleLog}" has its console`);
        return httpGet('/healthz', lab);
      });
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function qemuArguments(lab: LabSettings, built: string, consoleLog: string): string[] {
  const share = (tag: string, path: string, more = ''): string[] => [
    '-virtfs',
    `local,path=${path},mount_tag=${tag},security_model=none${more}`,
  ];
  return [
    ...['-nodefaults', '-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048'],
    ...['-display', 'none', '-no-reboot', '-serial', `file:${consoleLog}`],
    ...['-kernel', join(built, 'vmlinuz'), '-initrd', join(built, 'initrd.img')],
    ...['-append', 'root=/dev/vda rw console=ttyS0 quiet panic=-1'],
    ...['-drive', `file=${join(built, 'root.ext4')},format=raw,if=virtio,snapshot=on`],
    ...['-netdev', `tap,id=net0,ifname=${tap},script=no,downscript=no`],
    ...['-device', 'virtio-net-pci,netdev=net0,mac=52:54:00:6c:61:01,romfile='],
    ...['-device', 'virtio-rng-pci'],
    ...share('vms', vmsDirectory(lab)),
    ...share('images', lab.images, ',readonly=on'),
    ...share('stack', lab.root, ',readonly=on'),
  ];
}
