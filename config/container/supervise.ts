import { setTimeout as sleep } from 'node:timers/promises';

import type { Log } from '../host/log.ts';
import { HostError } from '../kit/errors.ts';
import type { Histories } from './decide/restart-budget.ts';
import { judgeServices } from './decide/restart-budget.ts';
import type { Supervisord } from './supervisord.ts';

const pollMs = 1000;
/** `docker stop` kills after 10 s; the services promise to end within 5. */
const stopMs = 4000;
/** supervisord takes about a second to open its socket; one that never does is of no use. */
const silentPolls = 30;

/** Follows the services until a stop is asked for or one of them cannot be kept alive.
 * @param stop aborted when the container is told to stop; then this returns
 * @throws HostError a service, or supervisord itself, cannot be kept alive */
export async function supervise(supervisord: Supervisord, stop: AbortSignal, log: Log): Promise<void> {
  const ended = supervisord.ended.then((how) => ({ how }));
  try {
    const outcome = await Promise.race([ended, followServices(supervisord, stop)]);
    if (outcome !== undefined) throw new HostError(`supervisord ended by itself with ${outcome.how}`);
  } finally {
    await stopServices(supervisord, ended, log);
  }
}

/** Looks at the services once a second. */
async function followServices(supervisord: Supervisord, stop: AbortSignal): Promise<undefined> {
  let histories: Histories = new Map();
  let silence = 0;
  for (;;) {
    await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined);
    if (stop.aborted) return;
    const states = await supervisord.serviceStates().catch((error: unknown) => {
      silence += 1;
      if (silence >= silentPolls) throw new HostError('ask supervisord for its services', { cause: error });
    });
    if (states === undefined) continue;
    silence = 0;
    const verdict = judgeServices(histories, states, performance.now());
    if (verdict.giveUp !== undefined) throw new HostError(`keep the services alive: ${verdict.giveUp}`);
    histories = verdict.histories;
  }
}

async function stopServices(supervisord: Supervisord, ended: Promise<unknown>, log: Log): Promise<void> {
  supervisord.kill('SIGTERM');
  const finished = await Promise.race([ended.then(() => true), sleep(stopMs, false)]);
  if (finished) return;
  log.warn('supervisord did not stop in time, killing it', { ms: stopMs });
  supervisord.kill('SIGKILL');
  await ended;
}
