import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { HostError, InputError } from '@pxeboot/config/kit/errors';

import { chooseAccelerator } from './accelerator.ts';
import { consoleText } from './console-text.ts';
import { containerLogs } from './container.ts';
import type { DiskBus, FirmwareKind, Machine, SpareBus, SpareNic } from './decide/qemu-arguments.ts';
import { firmwareOf } from './decide/qemu-arguments.ts';
import type { LabSettings } from './decide/settings.ts';
import { countNews, lastLine, linesAbout, standstill } from './decide/signs-of-life.ts';
import { processOf, requireNamespace, sendSignal } from './namespace.ts';
import { runSsh } from './ssh.ts';
import { createMachine, machinePaths, noDisk, readDefinition, tapOf } from './vm-files.ts';
import { GaveUp, waitUntil, waitWhile } from './wait-until.ts';

export interface StartOptions {
  memoryMiB: number;
  cpus: number;
  /** Of a disk that is made when there is none, as qemu-img takes it; `none`: a machine without a disk. */
  diskSize: string;
  first: 'disk' | 'network';
  bus: DiskBus;
  /** A second, blank disk of 10 GiB. */
  spareDisk: SpareBus | typeof noDisk;
  spareNic: SpareNic;
  networkBoot: 'pxe' | 'http';
  /** A machine that has a variable store keeps it: a blank one must be put there for the other kind. */
  firmware: FirmwareKind;
}

export const startDefaults: StartOptions = {
  memoryMiB: 2048,
  cpus: 2,
  diskSize: '10G',
  first: 'disk',
  bus: 'virtio',
  spareDisk: noDisk,
  spareNic: 'none',
  networkBoot: 'pxe',
  firmware: 'usual',
};

/** A machine ends within a second; one that is busy was seen to take fifty times as long. */
const stopTimeoutMs = 60_000;
/** The lab's entry file. */
const commandLine = join(import.meta.dirname, 'main.ts');

/** What QEMU is told of a defined VM. */
export async function describeMachine(
  lab: LabSettings,
  vm: VmDefinition,
  options: StartOptions,
  hostArch: Arch,
): Promise<Machine> {
  const paths = machinePaths(lab, vm.name);
  return {
    arch: vm.arch,
    accelerator: await chooseAccelerator(lab, vm.arch, hostArch),
    mac: vm.mac,
    tap: tapOf(vm.mac),
    memoryMiB: options.memoryMiB,
    cpus: options.cpus,
    firmwareCode: firmwareOf(vm.arch, options.firmware).code,
    firmwareVars: paths.firmwareVars,
    ...(options.diskSize === noDisk ? {} : { disk: paths.disk }),
    first: options.first,
    bus: options.bus,
    ...(options.spareDisk === noDisk ? {} : { spareDisk: { file: paths.spareDisk, bus: options.spareDisk } }),
    spareNic: options.spareNic,
    networkBoot: options.networkBoot,
    firmware: options.firmware,
    consoleSocket: paths.consoleSocket,
    consoleLog: paths.consoleLog,
    qmpSocket: paths.qmpSocket,
  };
}

/** Powers a VM on. A process of its own keeps it running over reboots, until the guest or "vm stop" ends it. */
export async function startVm(lab: LabSettings, name: string, options: StartOptions = startDefaults): Promise<void> {
  const vm = await readDefinition(lab, name);
  requireNamespace(lab, `start VM "${name}"`);
  if (await isRunning(lab, name))
    throw new InputError(`start VM "${name}": it is running; "lab vm stop ${name}" ends it`);
  const paths = machinePaths(lab, name);
  await mkdir(lab.runtime, { recursive: true });
  await createMachine(paths, vm.arch, options);
  const log = openSync(paths.runnerLog, 'a');
  const words = [commandLine, '--name', lab.name, 'run-machine', name, JSON.stringify(options)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', log, log], detached: true });
  child.unref();
  await writeFile(paths.pidFile, String(child.pid));
}

/** True while the process that keeps the VM running lives. */
export async function isRunning(lab: LabSettings, name: string): Promise<boolean> {
  return (await processOf(machinePaths(lab, name).pidFile, 'run-machine')) !== undefined;
}

/** Switches a VM off at once, as if its plug were pulled. */
export async function stopVm(lab: LabSettings, name: string): Promise<void> {
  const { pidFile } = machinePaths(lab, name);
  const pid = await processOf(pidFile, 'run-machine');
  if (pid !== undefined) {
    sendSignal(pid, 'SIGTERM');
    await waitUntil(`VM "${name}" has stopped`, stopTimeoutMs, async () => !(await isRunning(lab, name)));
  }
  await rm(pidFile, { force: true });
}

/** Asks again and again, however long that takes, while the VM runs and its console or the container's log shows something new.
 * @throws HostError it has ended, or nothing new has happened for a long while */
export async function waitWhileRunning<T>(
  lab: LabSettings,
  name: string,
  what: string,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const traces = async (): Promise<number> =>
    countNews(await consoleText(lab, name), await logAbout(lab, name).catch(() => ''));
  return waitWhile(what, { name: `VM "${name}"`, remindMs: 60_000, traces }, async () => {
    // What it did last counts, though it has ended with that.
    const runs = await isRunning(lab, name);
    const answer = await ask().catch((error: unknown) => {
      if (runs || error instanceof GaveUp) throw error;
      return undefined;
    });
    if (answer !== undefined && answer !== false) return answer;
    if (runs) throw new HostError(`its console ends with "${lastLine(await consoleText(lab, name))}"`);
    const { runnerLog } = machinePaths(lab, name);
    throw new GaveUp(`it is not running; "lab vm start ${name}" starts it, "${runnerLog}" says why it has ended`);
  });
}

/** The same, of what only an installed system does: it ends too when the VM's kernel has panicked, or the VM is in the
 * installer's shell, where somebody must act.
 * @throws HostError that; the reason on its console is told */
export async function waitForSystem<T>(
  lab: LabSettings,
  name: string,
  what: string,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  return waitWhileRunning(lab, name, what, async () => {
    const reason = standstill(await consoleText(lab, name));
    if (reason !== undefined) throw new GaveUp(reason);
    return ask();
  });
}

/** What the container has logged of one VM; all of it while the VM has no definition. */
async function logAbout(lab: LabSettings, name: string): Promise<string> {
  const log = await containerLogs(lab);
  const definition = await readDefinition(lab, name).catch(() => undefined);
  return definition === undefined ? log : linesAbout(definition, log);
}

/** Waits until cloud-init has ended: its word for how, such as "done". It restarts sshd on its way, so that a connection may
 * fail though SSH has answered before. */
export async function waitForCloudInit(lab: LabSettings, name: string): Promise<string> {
  const ip = await addressOf(lab, name);
  return waitForSystem(lab, name, 'cloud-init has ended', async () => {
    // Its exit status tells "done", "done with warnings" and "error" apart, each of them an answer; 124 is timeout's.
    const { stdout } = await runSsh(lab, ip, 'timeout 50 cloud-init status --wait; [ $? != 124 ]', 120_000);
    return /status: (\w+)/.exec(stdout)?.[1];
  });
}

/** Waits until the VM lets its key in: its address. */
export async function waitForSsh(lab: LabSettings, name: string, timeoutMs = Infinity): Promise<string> {
  const ip = await addressOf(lab, name);
  const deadline = performance.now() + timeoutMs;
  await waitForSystem(lab, name, `VM "${name}" answers SSH on ${ip}`, async () => {
    if (performance.now() > deadline) throw new GaveUp(`not within ${Math.round(timeoutMs / 1000)} s`);
    return (await runSsh(lab, ip, 'true', 20_000).catch(() => undefined)) !== undefined;
  });
  return ip;
}

async function addressOf(lab: LabSettings, name: string): Promise<string> {
  const { ip } = await readDefinition(lab, name);
  if (ip === undefined) throw new InputError(`wait for VM "${name}": its definition has no "ip"`);
  return ip;
}
