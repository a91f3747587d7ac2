import { setTimeout as sleep } from 'node:timers/promises';

import type { StackEnvironment } from '../contract/environment.ts';
import type { Log } from '../host/log.ts';
import { run } from '../host/run.ts';
import { HostError } from '../kit/errors.ts';
import type { InterfaceAddress } from './decide/private-interface.ts';
import { findPrivateInterface, parseAddresses } from './decide/private-interface.ts';

const waitMs = 60_000;
const pollMs = 500;
const reminderMs = 10_000;

/** Waits until the private interface is there and carries PROVISIONER_IP: on a laptop it may come up after the container.
 * @throws HostError it did not within 60 s */
export async function waitForInterface(
  environment: StackEnvironment,
  log: Log,
  signal: AbortSignal,
): Promise<InterfaceAddress> {
  const started = performance.now();
  let nextReminder = started;
  for (;;) {
    const found = findPrivateInterface(await readAddresses(), environment);
    if (found !== undefined) return found;
    const now = performance.now();
    if (now - started >= waitMs) throw new HostError(describeMissing(environment));
    if (now >= nextReminder) {
      log.info('waiting for the private interface', {
        address: environment.provisionerIp,
        interface: environment.pxeInterface ?? 'any',
        seconds_left: Math.ceil((waitMs - (now - started)) / 1000),
      });
      nextReminder = now + reminderMs;
    }
    await sleep(pollMs, undefined, { signal });
  }
}

async function readAddresses(): Promise<InterfaceAddress[]> {
  // Not os.networkInterfaces(): it leaves out an interface without carrier, such as a bridge without members.
  const { stdout } = await run('ip', ['-json', '-4', 'address', 'show'], { timeoutMs: 5000 });
  return parseAddresses(stdout);
}

function describeMissing({ provisionerIp, pxeInterface }: StackEnvironment): string {
  const where = pxeInterface === undefined ? 'no interface carries' : `interface "${pxeInterface}" does not carry`;
  return (
    `find the private interface: after ${waitMs / 1000} s ${where} PROVISIONER_IP "${provisionerIp}"; ` +
    'give the address to the interface, or correct PROVISIONER_IP (and PXE_INTERFACE), and run the container with --net=host'
  );
}
