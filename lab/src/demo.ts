import { statfs } from 'node:fs/promises';

import type { Arch } from '@pxeboot/config/architecture';
import { HostError, InputError, describeError } from '@pxeboot/config/errors';

import { saveContainerLogs } from './container.ts';
import { buildImage } from './debian-image.ts';
import { followPhases } from './follow-phases.ts';
import { labDown, labUp } from './lab.ts';
import { consoleLogOf, createMachine, machineIsOn, startMachine, stopMachine } from './machine.ts';
import type { LabSettings } from './settings.ts';
import { labKey, onMachine } from './ssh.ts';
import { GaveUp, waitUntil } from './wait-until.ts';

const name = 'demo';
const neededGiB = 6;
/** Four times what was measured without KVM. */
const installTimeoutMs = 500_000;

export interface DemoOptions {
  distro: string;
  arch: Arch;
  /** Program and arguments that keep the VM running. */
  keeper: readonly string[];
  signal: AbortSignal;
}

type Say = (text: string) => void;

/** From nothing to a login in an installed VM, each phase with its time. An abort takes the lab down. */
export async function runDemo(settings: LabSettings, options: DemoOptions): Promise<void> {
  const say = stopwatch();
  try {
    await requireDiskSpace(settings);
    await labDown(settings);
    say(
      `image directory ${options.distro}/${options.arch}: ${await buildImage(settings, options.distro, options.arch)}`,
    );
    options.signal.throwIfAborted();
    console.log(`           ${await labUp(settings)}`);
    say('container serves');
    await installAndProve(settings, options, say);
  } catch (error) {
    if (options.signal.aborted) {
      say('interrupted: taking the lab down');
      await labDown(settings);
      return;
    }
    throw new HostError(await withLogs(settings, describeError(error)), { cause: error });
  }
}

async function installAndProve(settings: LabSettings, options: DemoOptions, say: Say): Promise<void> {
  await stopMachine(settings, name);
  const sshKey = await labKey(settings);
  const { ip = '' } = await createMachine(settings, { name, number: 10, sshKey, ...options });
  say(`VM "${name}" defined, its disk is blank`);
  const stopFollowing = followPhases(settings, say);
  try {
    await startMachine(settings, name, options.keeper);
    say('VM powered on');
    await waitForSsh(settings, name, ip, { timeoutMs: installTimeoutMs, signal: options.signal });
    say('SSH answers');
    await prove(settings, ip, say);
  } finally {
    stopFollowing();
  }
  console.log('\nlog in: lab/lab ssh demo      tear down: make lab-down');
}

/** Waits until the VM lets its key in.
 * @throws GaveUp when the VM switches off meanwhile */
export async function waitForSsh(
  settings: LabSettings,
  vm: string,
  ip: string,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  await waitUntil(`reach VM "${vm}" by SSH`, { ...options, everyMs: 1000 }, async () => {
    if (!(await machineIsOn(settings, vm))) throw new GaveUp(`reach VM "${vm}" by SSH: it is off`);
    await onMachine(settings, ip, 'true', 15_000);
    return true;
  });
}

async function prove(settings: LabSettings, ip: string, say: Say): Promise<void> {
  // cloud-init 22.4 ends with 0 for "done"; 25.1 with 2 when it is done but warned.
  const cloudInit = await onMachine(settings, ip, 'cloud-init status --wait || [ $? = 2 ]', 300_000);
  const status = /status: (\w+)/.exec(cloudInit)?.[1] ?? cloudInit;
  say('cloud-init ended');
  const facts = await onMachine(
    settings,
    ip,
    'hostname; uname -r; cat /etc/machine-id; ip -4 -o address show scope global',
  );
  const [hostname = '', kernel = '', machineId = '', line = ''] = facts.split('\n');
  const address = /inet ([\d.]+)/.exec(line)?.[1] ?? 'none';
  console.log(`host name: ${hostname}\nkernel: ${kernel}\nmachine-id: ${machineId}\naddress: ${address}`);
  console.log(`cloud-init: ${status}`);
  requireEqual('cloud-init’s status', status, 'done');
  requireEqual('the address', address, ip);
  requireEqual('the host name', hostname, name);
}

function requireEqual(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new HostError(`look inside the VM: ${what} is "${actual}", not "${expected}"`);
}

async function withLogs(settings: LabSettings, reason: string): Promise<string> {
  const container = await saveContainerLogs(settings);
  return `${reason}\n  console of the VM: ${consoleLogOf(settings, name)}\n  container: ${container}\n  tear down: make lab-down`;
}

async function requireDiskSpace(settings: LabSettings): Promise<void> {
  const { bavail, bsize } = await statfs(settings.project);
  const freeGiB = (bavail * bsize) / 2 ** 30;
  if (freeGiB < neededGiB) {
    throw new InputError(
      `run the demo: ${freeGiB.toFixed(1)} GiB are free in "${settings.project}"; ${neededGiB} are needed`,
    );
  }
}

function stopwatch(): Say {
  const startedAt = performance.now();
  return (text) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
}
