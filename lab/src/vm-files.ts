import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { parseVmDefinition } from '@pxeboot/config/contract/vm-definition';
import { writeAtomic } from '@pxeboot/config/host/files';
import { run } from '@pxeboot/config/host/run';
import { InputError } from '@pxeboot/config/kit/errors';
import { describeFault } from '@pxeboot/config/kit/fault';

import { boards } from './decide/qemu-arguments.ts';
import type { LabSettings } from './decide/settings.ts';
import {
  machineDirectory,
  provisionerIp,
  provisionerIpV6,
  requireName,
  subnet,
  subnetV6,
  vmsDirectory,
} from './decide/settings.ts';
import { publicKey } from './ssh.ts';

const networkPrefix = provisionerIp.replace(/\d+$/, '');

export interface NewVm {
  name: string;
  arch: Arch;
  distro: string;
  /** Last number of its address and of its MAC. */
  number: number;
  pxeboot: boolean;
  /** With an IPv6 address too, of the same last number. */
  ipv6?: boolean;
  install?: object;
}

/** A definition as pvmlab writes it, for a VM on the lab's network. */
function newDefinition(vm: NewVm, sshKey: string): Record<string, unknown> {
  return {
    name: vm.name,
    role: 'target',
    arch: vm.arch,
    mac: macOf(vm.number),
    ip: ipOf(vm.number),
    subnet,
    ...(vm.ipv6 === true ? { ipv6: ipv6Of(vm.number), subnetv6: subnetV6 } : {}),
    pxeboot: vm.pxeboot,
    distro: vm.distro,
    ssh_key: sshKey,
    ...(vm.install === undefined ? {} : { install: vm.install }),
  };
}

/** IPv4 address of the VM with this number. */
export function ipOf(number: number): string {
  return `${networkPrefix}${number}`;
}

/** IPv6 address of the VM with this number. */
export function ipv6Of(number: number): string {
  return `${provisionerIpV6.slice(0, -1)}${number.toString(16)}`;
}

/** MAC address of the VM with this number. */
export function macOf(number: number): string {
  return `52:54:00:6c:61:${number.toString(16).padStart(2, '0')}`;
}

/** Name of a VM's network interface on the lab's side. */
export function tapOf(mac: string): string {
  return `tap-${mac.replaceAll(':', '').slice(-6)}`;
}

/** A VM with this file stays in the installer's shell after a successful installation. */
export function noRebootPath(lab: LabSettings, vm: string): string {
  return join(vmsDirectory(lab), `${vm}.noreboot`);
}

/** Writes the definition of a VM, in the place of an earlier one. @returns its path */
export async function saveDefinition(lab: LabSettings, vm: NewVm): Promise<string> {
  const path = definitionPath(lab, vm.name);
  await mkdir(vmsDirectory(lab), { recursive: true });
  const definition = newDefinition(vm, await publicKey(lab));
  await writeAtomic(path, `${JSON.stringify(definition, undefined, 2)}\n`);
  return path;
}

/** @throws InputError the name is none of a VM */
export function definitionPath(lab: LabSettings, vm: string): string {
  return join(vmsDirectory(lab), `${requireName('VM', vm)}.json`);
}

/** @throws InputError no such VM, or its definition has faults */
export async function readDefinition(lab: LabSettings, vm: string): Promise<VmDefinition> {
  const path = definitionPath(lab, vm);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new InputError(`read VM "${vm}": "${path}" cannot be read; "lab vm create ${vm}" writes it`, { cause });
  });
  const definition = parseVmDefinition(`${vm}.json`, text);
  if (!definition.ok) throw new InputError(definition.faults.map(describeFault).join('\n'));
  return definition.value;
}

/** Names of all VMs that have a definition, good or not, sorted. */
export async function listVms(lab: LabSettings): Promise<string[]> {
  const files = await readdir(vmsDirectory(lab)).catch(() => []);
  return files.flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [])).sort();
}

/** The lowest number, from 10 up, of an address that no definition names. One with a fault counts too: it may be mended. */
export async function freeNumber(lab: LabSettings): Promise<number> {
  const texts = await Promise.all((await listVms(lab)).map((vm) => readText(join(vmsDirectory(lab), `${vm}.json`))));
  const address = new RegExp(String.raw`\b${networkPrefix.replaceAll('.', String.raw`\.`)}(\d+)\b`, 'g');
  const taken = new Set(texts.flatMap((text) => [...text.matchAll(address)].map(([, number]) => Number(number))));
  for (let number = 10; number < 100; number++) if (!taken.has(number)) return number;
  throw new InputError("create a VM: the lab's 90 addresses are taken; remove a definition in .lab");
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

export interface MachinePaths {
  directory: string;
  disk: string;
  spareDisk: string;
  firmwareVars: string;
  consoleLog: string;
  runnerLog: string;
  consoleSocket: string;
  qmpSocket: string;
  pidFile: string;
}

/** Every file of one VM. @throws InputError the name is none of a VM */
export function machinePaths(lab: LabSettings, vm: string): MachinePaths {
  const directory = machineDirectory(lab, vm);
  return {
    directory,
    disk: join(directory, 'disk.qcow2'),
    spareDisk: join(directory, 'spare.qcow2'),
    firmwareVars: join(directory, 'vars.fd'),
    consoleLog: join(directory, 'console.log'),
    runnerLog: join(directory, 'runner.log'),
    consoleSocket: join(lab.runtime, `${vm}.console`),
    qmpSocket: join(lab.runtime, `${vm}.qmp`),
    pidFile: join(lab.runtime, `${vm}.pid`),
  };
}

/** Size of a disk that is not there. */
export const noDisk = 'none';

/** The blank disks and the blank variable store of a VM, as far as they are not there yet.
 * @throws InputError the firmware of this architecture is not installed */
export async function createMachine(
  paths: MachinePaths,
  arch: Arch,
  { diskSize, spareDisk }: { diskSize: string; spareDisk: string },
): Promise<void> {
  const { vars } = boards[arch];
  if (!existsSync(vars)) {
    throw new InputError(
      `make a machine of ${arch}: its firmware "${vars}" is not installed; "make setup FOREIGN=1" installs it`,
    );
  }
  await mkdir(paths.directory, { recursive: true });
  if (!existsSync(paths.firmwareVars)) await copyFile(vars, paths.firmwareVars);
  if (diskSize !== noDisk) await createDisk(paths.disk, diskSize);
  if (spareDisk !== noDisk) await createDisk(paths.spareDisk, '10G');
  await writeFile(paths.consoleLog, '');
}

async function createDisk(path: string, size: string): Promise<void> {
  if (existsSync(path)) return;
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, size], { timeoutMs: 20_000 });
}

/** Removes disks, NVRAM and console of a VM that is off; its definition stays. */
export async function removeMachine(lab: LabSettings, vm: string): Promise<void> {
  await rm(machineDirectory(lab, vm), { recursive: true, force: true });
}
