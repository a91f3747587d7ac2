import type { Socket } from 'node:net';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';

/** Why QEMU ended: the guest asked for a reset (`-no-reboot`), anything else, or nobody heard. */
export type ShutdownReason = string | undefined;

export interface Qmp {
  /** The reason in QEMU's SHUTDOWN event, once it has come. */
  reason(): ShutdownReason;
  close(): void;
}

/** Listens to QEMU's machine protocol (QEMU: docs/interop/qmp-spec). */
export function listenToQmp(socket: string): Promise<Qmp> {
  return new Promise((resolve, reject) => {
    const connection: Socket = createConnection(socket);
    let reason: ShutdownReason;
    connection.once('error', reject);
    connection.once('connect', () => {
      connection.removeListener('error', reject);
      // QEMU closes the connection when it ends.
      connection.on('error', () => undefined);
      connection.write('{"execute":"qmp_capabilities"}\n');
      createInterface({ input: connection }).on('line', (line) => {
        reason = shutdownReason(line) ?? reason;
      });
      resolve({ reason: () => reason, close: () => connection.destroy() });
    });
  });
}

/** `guest-reset`, `guest-shutdown`, `host-signal`, …; undefined for any other line, also one that QEMU's end has cut short. */
export function shutdownReason(line: string): ShutdownReason {
  const message = parseLine(line);
  if (typeof message !== 'object' || message === null || !('event' in message) || message.event !== 'SHUTDOWN') return;
  const data: unknown = 'data' in message ? message.data : undefined;
  if (typeof data !== 'object' || data === null || !('reason' in data)) return;
  return String(data.reason);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
