import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/architecture';
import { InputError } from '@pxeboot/config/errors';
import { describeFault } from '@pxeboot/config/result';
import { run } from '@pxeboot/config/run';
import type { VmDefinition } from '@pxeboot/config/vm-definition';
import { parseVmDefinition } from '@pxeboot/config/vm-definition';
import { writeAtomic } from '@pxeboot/config/write-atomic';

import { ensureTap, removeTap } from './network.ts';
import { isRunning, stopProcess } from './processes.ts';
import type { Machine } from './qemu.ts';
import { platforms } from './qemu.ts';
import type { LabSettings } from './settings.ts';
import { labPaths } from './settings.ts';

export interface NewMachine {
  name: string;
  distro: string;
  arch: Arch;
  /** Last part of MAC and address. */
  number: number;
  sshKey: string;
  diskSize?: string | undefined;
  install?: Record<string, unknown>;
}

/** Writes the definition and makes a blank disk and blank firmware variables: a machine just out of its box. */
export async function createMachine(settings: LabSettings, wanted: NewMachine): Promise<VmDefinition> {
  const directory = directoryOf(settings, wanted.name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await mkdir(labPaths(settings).vms, { recursive: true });
  const hex = wanted.number.toString(16).padStart(2, '0');
  const definition = {
    name: wanted.name,
    role: 'target',
    arch: wanted.arch,
    mac: `52:54:00:88:00:${hex}`,
    ip: settings.provisionerIp.replace(/\d+$/, String(wanted.number)),
    subnet: settings.subnet,
    pxeboot: true,
    distro: wanted.distro,
    ssh_key: wanted.sshKey,
    ...(wanted.install === undefined ? {} : { install: wanted.install }),
  };
  const text = `${JSON.stringify(definition, undefined, 2)}\n`;
  const parsed = parseVmDefinition(`${wanted.name}.json`, text);
  if (!parsed.ok) throw new InputError(parsed.faults.map(describeFault).join('\n'));
  await blankVariables(settings, wanted.name, wanted.arch);
  const disk = join(directory, 'disk.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', disk, wanted.diskSize ?? '10G'], { timeoutMs: 30_000 });
  await writeAtomic(join(labPaths(settings).vms, `${wanted.name}.json`), text);
  return parsed.value;
}

/** Firmware that has never booted: it knows no boot entry. */
export async function blankVariables(settings: LabSettings, name: string, arch: Arch): Promise<void> {
  await copyFile(platforms[arch].variables, join(directoryOf(settings, name), 'firmware.vars'));
}

export async function readDefinition(settings: LabSettings, name: string): Promise<VmDefinition> {
  const file = join(labPaths(settings).vms, `${name}.json`);
  if (!existsSync(file)) {
    const known = (await listMachines(settings)).join(', ');
    throw new InputError(
      `find the VM "${name}": the lab has ${known === '' ? 'none; "lab vm create" makes one' : known}`,
    );
  }
  const parsed = parseVmDefinition(file, await readFile(file, 'utf8'));
  if (!parsed.ok) throw new InputError(parsed.faults.map(describeFault).join('\n'));
  return parsed.value;
}

export function machineOf(settings: LabSettings, definition: VmDefinition, memoryMb: number): Machine {
  const directory = directoryOf(settings, definition.name);
  const disk = join(directory, 'disk.qcow2');
  const suffix = definition.mac.slice(-5).replace(':', '');
  return {
    name: definition.name,
    arch: definition.arch,
    mac: definition.mac,
    tap: `vm${suffix}`,
    memoryMb,
    disk: existsSync(disk) ? disk : undefined,
    firmwareVariables: join(directory, 'firmware.vars'),
    consoleSocket: join(labPaths(settings).run, `${suffix}.console`),
    consoleLog: consoleLogOf(settings, definition.name),
    qmpSocket: join(labPaths(settings).run, `${suffix}.qmp`),
  };
}

/** Powers the VM on: a keeper process of its own runs QEMU and starts it anew at each reboot. */
export async function startMachine(settings: LabSettings, name: string, keeper: readonly string[]): Promise<void> {
  const definition = await readDefinition(settings, name);
  if (await machineIsOn(settings, name)) throw new InputError(`start the VM "${name}": it is on already`);
  await mkdir(labPaths(settings).run, { recursive: true });
  await ensureTap(settings, machineOf(settings, definition, 0).tap);
  const log = openSync(keeperLogOf(settings, name), 'a');
  const [program = '', ...args] = keeper;
  const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  await writeFile(pidFileOf(settings, name), String(child.pid));
}

export async function stopMachine(settings: LabSettings, name: string): Promise<void> {
  const pid = Number(await readFile(pidFileOf(settings, name), 'utf8').catch(() => ''));
  if (pid > 0 && (await isRunning(pid, `keep ${name}`))) await stopProcess(pid, `keep ${name}`, 10_000);
  const definition = await readDefinition(settings, name).catch(() => undefined);
  if (definition !== undefined) await removeTap(settings, machineOf(settings, definition, 0).tap);
}

export async function machineIsOn(settings: LabSettings, name: string): Promise<boolean> {
  const pid = Number(await readFile(pidFileOf(settings, name), 'utf8').catch(() => ''));
  return pid > 0 && (await isRunning(pid, `keep ${name}`));
}

export async function listMachines(settings: LabSettings): Promise<string[]> {
  const names = await readdir(labPaths(settings).machines).catch(() => []);
  return names.toSorted();
}

export function directoryOf(settings: LabSettings, name: string): string {
  return join(labPaths(settings).machines, name);
}

export function consoleLogOf(settings: LabSettings, name: string): string {
  return join(directoryOf(settings, name), 'console.log');
}

/** One line "boot N" for each power-on and reboot. */
export function keeperLogOf(settings: LabSettings, name: string): string {
  return join(directoryOf(settings, name), 'keeper.log');
}

function pidFileOf(settings: LabSettings, name: string): string {
  return join(directoryOf(settings, name), 'keeper.pid');
}
