import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { describeErrorLines, HostError, InputError } from '@pxeboot/config/kit/errors';

import { startContainer } from './container.ts';
import { buildImage } from './debian-image.ts';
import type { LabSettings } from './decide/settings.ts';
import { engineSocket, startEngine } from './engine.ts';
import { followPhases } from './follow-phases.ts';
import { labDown } from './lab.ts';
import { createNamespace } from './namespace.ts';
import { runSsh } from './ssh.ts';
import { machinePaths, removeMachine, saveDefinition } from './vm-files.ts';
import { startVm, waitForCloudInit, waitForSsh } from './vm.ts';

const vmName = 'demo';
const vmNumber = 10;
const neededGiB = 6;
const lastPhaseMs = 5_000;

type Say = (text: string) => void;

export interface DemoOptions {
  distro: string;
  arch: Arch;
  /** Builds the image directory in any case. */
  fresh?: boolean;
}

/** The user pressed Ctrl-C; everything that the demo had started is gone, or the message says that it is not. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** From nothing to a login in an installed VM, each phase with its time.
 * @param interrupt ends it; what was started is then removed
 * @throws Interrupted; InputError the user can mend it; HostError a phase failed: its reason, and where the logs are */
export async function runDemo(lab: LabSettings, options: DemoOptions, interrupt: AbortSignal): Promise<void> {
  const say = stopwatch();
  const phases = runPhases(lab, options, say, interrupt);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    interrupt.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  if ((await Promise.race([phases, interrupted])) !== 'interrupted') return;
  say('interrupted: removing what was started');
  try {
    await labDown(lab);
    // The phase that ran finds its engine or VM gone and fails; what it made meanwhile goes with the second time.
    await Promise.race([phases.catch(() => undefined), sleep(lastPhaseMs, undefined, { ref: false })]);
    await labDown(lab);
  } catch (cause) {
    throw new Interrupted('the demo was interrupted; not all of it could be removed: "make lab-down" does', { cause });
  }
  throw new Interrupted('the demo was interrupted; VM, container and network are removed, images/ stays');
}

async function runPhases(lab: LabSettings, options: DemoOptions, say: Say, interrupt: AbortSignal): Promise<void> {
  const phase = async (done: string, work: Promise<unknown>): Promise<void> => {
    const result = await work;
    interrupt.throwIfAborted();
    say(typeof result === 'string' ? `${done}: ${result}` : done);
  };
  try {
    await requireDiskSpace(lab);
    await labDown(lab);
    const image = `image directory ${options.distro}/${options.arch}`;
    await phase(image, buildImage(lab, options.distro, options.arch, options));
    await phase('network up', createNamespace(lab));
    await phase('Docker engine up', startEngine(lab));
    await phase('container serves', startContainer(lab));
    await installAndProve(lab, options, say);
  } catch (error) {
    // Of what the user can mend, the logs say nothing more.
    if (error instanceof InputError) throw error;
    throw new HostError([...describeErrorLines(error), ...whereToLook(lab)].join('\n'));
  }
}

function whereToLook(lab: LabSettings): string[] {
  return [
    `  console: ${machinePaths(lab, vmName).consoleLog}`,
    `  container: docker --host ${engineSocket(lab)} logs ${lab.container}`,
    '  tear down: make lab-down',
  ];
}

async function installAndProve(lab: LabSettings, options: DemoOptions, say: Say): Promise<void> {
  await removeMachine(lab, vmName);
  const vm = { name: vmName, arch: options.arch, distro: options.distro, number: vmNumber, pxeboot: true };
  say(`VM defined: ${await saveDefinition(lab, vm)}`);
  const stopFollowing = followPhases(lab, say);
  try {
    await startVm(lab, vmName);
    say('VM powered on, its disk is blank');
    const ip = await waitForSsh(lab, vmName);
    say('SSH answers');
    await prove(lab, ip, say);
  } finally {
    stopFollowing();
  }
  console.log('\nlog in: lab/lab ssh demo      tear down: make lab-down');
}

async function prove(lab: LabSettings, ip: string, say: Say): Promise<void> {
  const status = await waitForCloudInit(lab, vmName);
  say(`cloud-init: ${status}`);
  const { stdout } = await runSsh(
    lab,
    ip,
    'hostname; uname -r; cat /etc/machine-id; ip -4 -o address show scope global',
  );
  const [hostname = '', kernel = '', machineId = '', address = ''] = stdout.split('\n');
  const own = /inet ([\d.]+)/.exec(address)?.[1];
  for (const [name, value] of Object.entries({
    'host name': hostname,
    kernel,
    'machine-id': machineId,
    address: own,
  })) {
    console.log(`          ${name}: ${value}`);
  }
  if (status !== 'done') throw new HostError(`look inside the VM: cloud-init's status is "${status}", not "done"`);
  if (own !== ip) throw new HostError(`look inside the VM: its address is "${own}", its definition says "${ip}"`);
  if (hostname !== vmName) throw new HostError(`look inside the VM: its host name is "${hostname}", not "${vmName}"`);
}

async function requireDiskSpace(lab: LabSettings): Promise<void> {
  const { bavail, bsize } = await statfs(lab.root);
  const freeGiB = (bavail * bsize) / 2 ** 30;
  if (freeGiB < neededGiB) {
    throw new InputError(`run the demo: ${freeGiB.toFixed(1)} GiB are free in "${lab.root}"; ${neededGiB} are needed`);
  }
}

function stopwatch(): Say {
  const startedAt = performance.now();
  return (text) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
}
