import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';

import type { Log } from '@pxeboot/config/host/log';
import { HostError } from '@pxeboot/config/kit/errors';
import { quoteCommand } from '@pxeboot/config/kit/quote-command';

import type { Machine } from './decide/qemu-arguments.ts';
import { boards, qemuArguments } from './decide/qemu-arguments.ts';
import type { LabSettings } from './decide/settings.ts';
import { onEmulatorFault } from './emulator-fault.ts';
import { createTap, inNamespace, removeTap } from './namespace.ts';
import { listenToQmp } from './qmp.ts';
import { untilExit } from './until-exit.ts';
import { waitWhile } from './wait-until.ts';

/** Reason of a machine's end, next to QEMU's own. */
export const emulatorFault = 'emulator-fault';

/** Runs a machine until its guest switches it off: QEMU is started again at each reboot, and where its emulator has broken the guest,
 * with the same disk and NVRAM.
 * @param signal ends QEMU and returns */
export async function runMachine(lab: LabSettings, machine: Machine, log: Log, signal: AbortSignal): Promise<void> {
  await createTap(lab, machine.tap);
  try {
    for (let boot = 1; !signal.aborted; boot++) {
      const reason = await runOnce(lab, machine, log, signal);
      log.info('machine stopped', { boot, reason });
      if (reason !== 'guest-reset' && reason !== emulatorFault) return;
    }
  } finally {
    await removeTap(lab, machine.tap);
  }
}

/** One power-on: QEMU's reason for its end. */
export async function runOnce(
  lab: LabSettings,
  machine: Machine,
  log: Log,
  signal: AbortSignal,
): Promise<string | undefined> {
  await rm(machine.qmpSocket, { force: true });
  const [file, args] = inNamespace(lab, boards[machine.arch].program, qemuArguments(machine));
  log.info('machine starts', { command: quoteCommand(file, args) });
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], signal, killSignal: 'SIGTERM' });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const exit = untilExit(child);
  let [ended, broken] = [false, false];
  const stopLooking = await onEmulatorFault(machine.consoleLog, () => {
    broken = machine.accelerator === 'tcg' && child.kill('SIGKILL');
  });
  void exit.then(() => (ended = true));
  const qmp = await waitWhile('QEMU opens its control socket', { name: 'QEMU' }, async () => {
    if (ended || signal.aborted) return { reason: () => undefined, close: () => undefined };
    return listenToQmp(machine.qmpSocket).catch(() => undefined);
  });
  const cause = await exit;
  stopLooking();
  qmp.close();
  if (broken) return emulatorFault;
  if (child.exitCode !== 0 && !signal.aborted) {
    const how = child.exitCode ?? child.signalCode ?? 'no start';
    throw new HostError(`run a VM: QEMU ended with ${how}: ${JSON.stringify(stderr.trim().slice(-600))}`, { cause });
  }
  return qmp.reason();
}
