import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { createLog } from '@pxeboot/config/host/log';
import { createProgram } from '@pxeboot/config/host/program';
import { addImageCommands } from '@pxeboot/config/import/commands';
import { ImportInterrupted } from '@pxeboot/config/import/import-image';
import { describeError, describeErrorLines, InputError } from '@pxeboot/config/kit/errors';
import { InvalidArgumentError, Option } from 'commander';

import { buildImage, debianImages, moduleList } from './debian-image.ts';
import type { DiskBus, SpareBus } from './decide/qemu-arguments.ts';
import { diskBuses, spareBuses } from './decide/qemu-arguments.ts';
import type { LabSettings } from './decide/settings.ts';
import { Interrupted, runDemo } from './demo.ts';
import { labDown, labUp, thisLab } from './lab.ts';
import { runMachine } from './machine-runner.ts';
import { requireNamespace } from './namespace.ts';
import { sshCommand } from './ssh.ts';
import type { noDisk } from './vm-files.ts';
import {
  definitionPath,
  freeNumber,
  listVms,
  machinePaths,
  readDefinition,
  removeMachine,
  saveDefinition,
} from './vm-files.ts';
import type { StartOptions } from './vm.ts';
import { describeMachine, isRunning, startDefaults, startVm, stopVm, waitForSsh } from './vm.ts';

/** As a shell tells of a program that SIGINT ended. */
const interruptedStatus = 130;
const fresh = process.env['FRESH'] === '1';
const hostArch: Arch = arch() === 'arm64' ? 'aarch64' : 'x86_64';
const program = createProgram(
  'lab',
  'A network of its own with the pxeboot_stack container and QEMU machines that boot from it. Needs root.',
  {
    0: 'done',
    1: 'a program, a machine or the network failed',
    2: 'the command line or a definition is wrong, or the lab is down',
    [interruptedStatus]: 'the demo or an import was interrupted',
  },
)
  .option('--name <name>', 'name of the lab: its network namespace', 'pxeboot-lab')
  .enablePositionalOptions();
const archOption = new Option('--arch <arch>', 'of the guest').choices(['x86_64', 'aarch64']).default(hostArch);

interface StartFlags {
  memory: number;
  disk: string;
  networkFirst?: boolean;
  bus: DiskBus;
  spareDisk: SpareBus | typeof noDisk;
  httpBoot?: boolean;
}

function lab(): LabSettings {
  return thisLab(hostArch, program.opts<{ name: string }>().name);
}

program
  .command('up')
  .description('start network, Docker engine and container')
  .option('--ipv6', 'with an IPv6 network too: a router that advertises it, and DHCPv6 from the container')
  .action((options: { ipv6?: boolean }) => labUp(lab(), options));
program
  .command('down')
  .description('end VMs, container, engine and network; disks stay')
  .action(() => labDown(lab()));
const image = program
  .command('image')
  .argument('<distro>', `one of ${debianImages.join(', ')}`)
  .description(
    'make images/<distro>/<arch> from Debian packages (FRESH=1: build it again), or import a system, or list all',
  )
  .addOption(archOption)
  .action(async (distro: string, options: { arch: Arch }) => {
    console.log(await buildImage(lab(), distro, options.arch, { fresh }));
  });
addImageCommands(image, () => ({ images: lab().images, moduleList: join(lab().root, moduleList) }));
program
  .command('demo')
  .description('all of it: image directory, container, a VM that installs itself, and a look inside')
  .option('--distro <distro>', 'what to install', 'debian-12')
  .addOption(archOption)
  .action((options: { distro: string; arch: Arch }) => {
    const interrupt = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort());
    return runDemo(lab(), { ...options, fresh }, interrupt.signal);
  });
program
  .command('status')
  .description('list the VMs')
  .action(async () => {
    for (const vm of await listVms(lab())) console.log(await describeVm(vm));
  });

const vm = program.command('vm').description('create, start, stop, erase VMs');
vm.command('create <vm>')
  .description('write the definition of a VM')
  .option('--distro <distro>', 'what to install', 'debian-12')
  .option('--no-pxeboot', 'boot the kernel and initrd of the distribution directly')
  .addOption(archOption)
  .action(async (name: string, options: { distro: string; arch: Arch; pxeboot: boolean }) => {
    if ((await listVms(lab())).includes(name))
      throw new InputError(
        `create VM "${name}": "${definitionPath(lab(), name)}" is there; edit it, or remove it first`,
      );
    console.log(await saveDefinition(lab(), { name, ...options, number: await freeNumber(lab()) }));
  });
vm.command('start <vm>')
  .description('power a VM on; a blank disk is made when it has none')
  .option('--memory <MiB>', 'memory', wholeNumber, startDefaults.memoryMiB)
  .option('--disk <size>', 'size of a new disk, or "none"', startDefaults.diskSize)
  .option('--network-first', 'boot from the network though the disk could boot')
  .addOption(new Option('--bus <bus>', 'how the disk is attached').choices(diskBuses).default(startDefaults.bus))
  .addOption(
    new Option('--spare-disk [bus]', 'a second, blank disk, on virtio if no bus is named')
      .choices(spareBuses)
      .preset('virtio')
      .default(startDefaults.spareDisk),
  )
  .option('--http-boot', 'boot from the network by UEFI HTTP boot, not by PXE')
  .action((name: string, options: StartFlags) => {
    const first = options.networkFirst === true ? 'network' : 'disk';
    const { memory: memoryMiB, disk: diskSize, bus, spareDisk } = options;
    const networkBoot = options.httpBoot === true ? 'http' : 'pxe';
    return startVm(lab(), name, { ...startDefaults, memoryMiB, diskSize, first, bus, spareDisk, networkBoot });
  });
vm.command('stop <vm>')
  .description('switch a VM off')
  .action((name: string) => stopVm(lab(), name));
vm.command('erase <vm>')
  .description('remove disk and NVRAM of a VM')
  .action(async (name: string) => {
    await stopVm(lab(), name);
    await removeMachine(lab(), name);
  });

program
  .command('wait <vm>')
  .description('wait until a VM lets its key in')
  .option('--seconds <n>', 'how long at most', wholeNumber)
  .action(async (name: string, options: { seconds?: number }) => {
    console.log(await waitForSsh(lab(), name, options.seconds === undefined ? undefined : options.seconds * 1000));
  });
program
  .command('ssh <vm> [command...]')
  .description('log in to a VM, or run a command in it')
  .passThroughOptions()
  .action(async (name: string, command: string[]) => {
    const { ip } = await readDefinition(lab(), name);
    requireNamespace(lab(), `log in to VM "${name}"`);
    if (ip === undefined) throw new InputError(`log in to VM "${name}": its definition has no "ip"`);
    const [file, args] = sshCommand(lab(), ip, command);
    process.exitCode = await passThrough(file, args);
  });
program
  .command('console <vm>')
  .description('follow the serial console; Ctrl-C leaves')
  .action(async (name: string) => {
    const { consoleLog } = machinePaths(lab(), name);
    if (!existsSync(consoleLog)) {
      throw new InputError(
        `follow the console of VM "${name}": "${consoleLog}" does not exist; "lab vm start ${name}" makes it`,
      );
    }
    process.exitCode = await passThrough('tail', ['-n', '+1', '-F', consoleLog]);
  });
program.command('run-machine <vm> <options>', { hidden: true }).action(runUntilOff);

/** One line of "status"; a definition with faults does not hide the others. */
async function describeVm(name: string): Promise<string> {
  try {
    const { mac, ip, distro } = await readDefinition(lab(), name);
    return [name, (await isRunning(lab(), name)) ? 'running' : 'off', mac, ip ?? '-', distro].join('\t');
  } catch (error) {
    return [name, describeError(error)].join('\t');
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

/** The process behind "vm start". */
async function runUntilOff(name: string, text: string): Promise<void> {
  // Written by startVm of this same version.
  const options = JSON.parse(text) as StartOptions;
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const machine = await describeMachine(lab(), await readDefinition(lab(), name), options, hostArch);
  await runMachine(lab(), machine, createLog('lab'), stop.signal);
}

async function passThrough(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit' });
  await once(child, 'exit');
  return child.exitCode ?? 1;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`lab: ${describeErrorLines(error).join('\n')}`);
  // What was interrupted may still be waiting for something.
  if (error instanceof Interrupted) process.exit(interruptedStatus);
  process.exitCode = error instanceof ImportInterrupted ? interruptedStatus : error instanceof InputError ? 2 : 1;
}
