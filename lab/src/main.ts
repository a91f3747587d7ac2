import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';
import { InputError, describeError } from '@pxeboot/config/errors';
import { Command, Option } from 'commander';

import { buildImage } from './debian-image.ts';
import { runDemo, waitForSsh } from './demo.ts';
import { keepMachine } from './keep-machine.ts';
import { labDown, labUp } from './lab.ts';
import {
  consoleLogOf,
  createMachine,
  keeperLogOf,
  listMachines,
  machineIsOn,
  machineOf,
  readDefinition,
  startMachine,
  stopMachine,
} from './machine.ts';
import { labSettings } from './settings.ts';
import { labKey, loginCommand } from './ssh.ts';

const hostArch: Arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const settings = labSettings(dirname(dirname(import.meta.dirname)));
const stopping = new AbortController();
const program = new Command('lab')
  .description('A network of its own with the container and QEMU machines that boot from it. Needs root.')
  .showHelpAfterError()
  .enablePositionalOptions();
const archOption = new Option('--arch <arch>', 'of the guest').choices(['x86_64', 'aarch64']).default(hostArch);
const distroOption = new Option('--distro <distro>', 'what to install').default('debian-12');

program
  .command('demo')
  .description('all of it: image directory, container, a VM that installs itself, and a look inside')
  .addOption(distroOption)
  .addOption(archOption)
  .action((options: { distro: string; arch: Arch }) =>
    runDemo(settings, { ...options, keeper: keeperOf('demo', 2048), signal: stopping.signal }),
  );
program
  .command('up')
  .description('start network, Docker engine and container')
  .action(async () => {
    console.log(await labUp(settings));
  });
program
  .command('down')
  .description('end VMs, container, engine and network; disks and images stay')
  .action(() => labDown(settings));
program
  .command('image <distro>')
  .description('build images/<distro>/<arch>, for debian-12 or debian-13')
  .addOption(archOption)
  .action(async (distro: string, options: { arch: Arch }) => {
    console.log(await buildImage(settings, distro, options.arch));
  });
program
  .command('status')
  .description('list the VMs')
  .action(async () => {
    for (const name of await listMachines(settings)) {
      const { mac, ip, distro } = await readDefinition(settings, name);
      console.log([name, (await machineIsOn(settings, name)) ? 'on' : 'off', mac, ip ?? '-', distro].join('\t'));
    }
  });

const vm = program.command('vm').description('define, start and stop VMs');
vm.command('create <vm>')
  .description('write a definition and make a blank disk; a VM of that name starts anew')
  .addOption(distroOption)
  .addOption(archOption)
  .addOption(new Option('--disk <size>', 'size of the disk').default('10G'))
  .action(async (name: string, options: { distro: string; arch: Arch; disk: string }) => {
    await stopMachine(settings, name);
    const number = 11 + (await listMachines(settings)).filter((other) => other !== name).length;
    const sshKey = await labKey(settings);
    const definition = await createMachine(settings, { name, number, sshKey, diskSize: options.disk, ...options });
    console.log(JSON.stringify(definition, undefined, 2));
  });
vm.command('start <vm>')
  .description('power a VM on')
  .option('--memory <MiB>', 'memory', Number, 2048)
  .action((name: string, options: { memory: number }) => startMachine(settings, name, keeperOf(name, options.memory)));
vm.command('stop <vm>')
  .description('switch a VM off')
  .action((name: string) => stopMachine(settings, name));
vm.command('keep <vm>', { hidden: true })
  .option('--memory <MiB>', 'memory', Number, 2048)
  .action(async (name: string, options: { memory: number }) => {
    const machine = machineOf(settings, await readDefinition(settings, name), options.memory);
    await keepMachine(settings, machine, keeperLogOf(settings, name), stopping.signal);
  });

program
  .command('wait <vm>')
  .description('wait until a VM lets its key in')
  .option('--seconds <n>', 'how long', Number, 900)
  .action(async (name: string, options: { seconds: number }) =>
    waitForSsh(settings, name, await addressOf(name), { timeoutMs: options.seconds * 1000, signal: stopping.signal }),
  );
program
  .command('ssh <vm> [command...]')
  .description('log in to a VM, or run a command in it')
  .passThroughOptions()
  .action(async (name: string, command: string[]) => {
    await passThrough(...loginCommand(settings, await addressOf(name), command));
  });
program
  .command('console <vm>')
  .description('follow the serial console; Ctrl-C leaves')
  .action((name: string) => passThrough('tail', ['-n', '+1', '-F', consoleLogOf(settings, name)]));

function keeperOf(name: string, memoryMb: number): string[] {
  return [process.execPath, import.meta.filename, 'vm', 'keep', name, '--memory', String(memoryMb)];
}

async function addressOf(name: string): Promise<string> {
  const { ip } = await readDefinition(settings, name);
  if (ip === undefined) throw new InputError(`reach VM "${name}": its definition has no "ip"`);
  return ip;
}

async function passThrough(file: string, args: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: 'inherit' });
  await once(child, 'exit');
  process.exitCode = child.exitCode ?? 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    process.exitCode = 130;
    stopping.abort();
  });
}
try {
  await program.parseAsync();
} catch (error) {
  console.error(`lab: ${error instanceof Error ? error.message : describeError(error)}`);
  process.exitCode = error instanceof InputError ? 2 : 1;
}
