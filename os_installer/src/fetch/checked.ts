import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { requireChecksum } from '../plan/checksums.ts';

/** Reads a URL to its end. */
type Read = (url: string) => AsyncIterable<Uint8Array>;

/** Downloads a file; it has its name only when it is complete and has the sum that is expected of it.
 * @throws what reading throws; InputError another sum */
export async function downloadChecked(
  url: string,
  path: string,
  sha256: string | undefined,
  read: Read,
): Promise<void> {
  const beside = `${path}.new`;
  try {
    requireChecksum(url, sha256, await streamAndHash(url, createWriteStream(beside), read));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Reads a file of the server only to compare its sum.
 * @throws what reading throws; InputError another sum */
export async function checkRemote(url: string, sha256: string, read: Read): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  requireChecksum(url, sha256, await streamAndHash(url, nowhere, read));
}

async function streamAndHash(url: string, destination: NodeJS.WritableStream, read: Read): Promise<string> {
  const hash = createHash('sha256');

  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of read(url)) {
      hash.update(chunk);
      yield chunk;
    }
  }

  await pipeline(Readable.from(hashed(), { objectMode: false }), destination);
  return hash.digest('hex');
}
