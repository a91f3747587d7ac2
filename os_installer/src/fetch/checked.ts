import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Log } from '@pxeboot/config/host/log';

import { requireChecksum } from '../plan/checksums.ts';
import { defaultResumeOptions, readResumable } from './resumable.ts';

/** Reads a URL through the network's troubles, which go to the log. */
export function readLogged(url: string, log: Log): ReturnType<typeof readResumable> {
  return readResumable(url, {
    ...defaultResumeOptions,
    onInterruption: (reason, offset) => log.warn('download interrupted, resuming', { offset, reason }),
  });
}

/** Downloads a file; it has its name only when it is complete and has the sum that is expected of it.
 * @throws as readResumable does; InputError another sum */
export async function downloadChecked(url: string, path: string, sha256: string | undefined, log: Log): Promise<void> {
  const beside = `${path}.new`;
  try {
    requireChecksum(url, sha256, await streamAndHash(url, createWriteStream(beside), log));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Reads a file of the server only to compare its sum.
 * @throws as readResumable does; InputError another sum */
export async function checkRemote(url: string, sha256: string, log: Log): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  requireChecksum(url, sha256, await streamAndHash(url, nowhere, log));
}

async function streamAndHash(url: string, destination: NodeJS.WritableStream, log: Log): Promise<string> {
  const hash = createHash('sha256');

  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of readLogged(url, log)) {
      hash.update(chunk);
      yield chunk;
    }
  }

  await pipeline(Readable.from(hashed(), { objectMode: false }), destination);
  return hash.digest('hex');
}
