import { setTimeout as sleep } from 'node:timers/promises';

import { readIfThere, writeAtomic } from '../host/files.ts';
import type { Log } from '../host/log.ts';
import { describeError } from '../kit/errors.ts';
import type { Resolvers } from './decide/resolvers.ts';
import { chooseResolvers, resolvFileText } from './decide/resolvers.ts';

/** The lists of DNS servers that the host gives, and the one that dnsmasq reads. */
export interface ResolverFiles {
  /** In order of preference. */
  given: readonly string[];
  output: string;
}

/** Follows the given lists until it is told to stop. */
export interface ResolverFollower {
  stop(): Promise<void>;
}

const defaultPauseMs = 2000;

/** Writes dnsmasq's list of servers, and again whenever another one follows from the given lists. dnsmasq itself follows by events of the
 * directory alone: it would not notice a file of the host's that is mounted over /etc/resolv.conf and written by the host.
 * @param ownAddress of this stack: asking it would go round in a loop
 * @throws the file system's error: the list cannot be written; later such an error is logged, once, and tried again */
export async function startResolverFollower(
  { given, output }: ResolverFiles,
  ownAddress: string,
  log: Log,
  pauseMs = defaultPauseMs,
): Promise<ResolverFollower> {
  const stop = new AbortController();
  let written: string | undefined;
  let told: string | undefined;
  let failing = false;

  async function update(): Promise<void> {
    const files = await Promise.all(given.map(readResolvFile));
    const resolvers = chooseResolvers(files, ownAddress);
    const text = resolvFileText(resolvers);
    if (text !== written) await writeAtomic(output, text);
    written = text;
    failing = false;
    const now = JSON.stringify(resolvers);
    if (now !== told) tell(log, resolvers);
    told = now;
  }

  async function updateUntilStopped(): Promise<void> {
    for (;;) {
      await pause(pauseMs, stop.signal);
      if (stop.signal.aborted) return;
      await update().catch((error: unknown) => {
        if (!failing) log.warn('DNS servers not written, trying again', { to: output, reason: describeError(error) });
        failing = true;
      });
    }
  }

  await update();
  const following = updateUntilStopped();
  return {
    async stop() {
      stop.abort();
      await following;
    },
  };
}

function tell(log: Log, resolvers: Resolvers): void {
  if ('servers' in resolvers) {
    log.info('names outside the lab are asked of', { servers: resolvers.servers.join(','), from: resolvers.path });
    return;
  }
  const fix = 'name a DNS server in a resolv.conf of the container (docker run --dns), which is then read by itself';
  log.warn('names outside the lab are not answered', { reason: resolvers.reason, fix });
}

async function readResolvFile(path: string): Promise<{ path: string; text: string | undefined; error?: string }> {
  try {
    return { path, text: await readIfThere(path) };
  } catch (error) {
    return { path, text: undefined, error: describeError(error) };
  }
}

/** A timer that ends at once when it is told to. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
