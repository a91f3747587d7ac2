import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

import { InputError } from '@pxeboot/config/kit/errors';
import type { Packing } from '@pxeboot/config/kit/packing';

import { decompressorFor } from '../plan/decompressor.ts';
import type { ArchiveStart } from '../plan/tar-start.ts';

/** More is not looked at. */
const mostBytes = 2 ** 20;

export interface PackedStart {
  /** First bytes of a file. */
  head: Uint8Array;
  /** They are all of it. */
  whole: boolean;
}

/** Unpacks the beginning of an archive with the program that the installation will use.
 * @param name of the file, for messages
 * @throws InputError the program is missing or refuses what it was given, other than for its end */
export async function unpackStart(name: string, packing: Packing, { head, whole }: PackedStart): Promise<ArchiveStart> {
  const decompressor = decompressorFor(packing);
  if (decompressor === undefined)
    return { bytes: head.subarray(0, mostBytes), whole: whole && head.length <= mostBytes };
  const child = spawn(decompressor.file, decompressor.args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // The program may end, or be ended, before it has read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(head);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const [{ bytes, more }, status] = await Promise.all([readSome(child), ended(child)]);
  // Of a part, its end is missing: the program says so after it has written what it could. It is ended when it has written enough.
  const failed = status !== 0 && !more && (whole || bytes.length === 0);
  if (failed) {
    throw new InputError(
      `read ${name}: ${decompressor.file} exited with ${String(status)}: ${JSON.stringify(stderr.trim())}; fetch the image again`,
    );
  }
  return { bytes, whole: whole && !more };
}

/** As much as is looked at of what a program writes; then it is ended. */
async function readSome(child: ChildProcess): Promise<{ bytes: Buffer; more: boolean }> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of (child.stdout ?? []) as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length < mostBytes) continue;
    child.kill('SIGKILL');
    return { bytes: Buffer.concat(parts).subarray(0, mostBytes), more: true };
  }
  return { bytes: Buffer.concat(parts), more: false };
}

/** @returns its exit status, or why it did not run or was ended */
async function ended(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'nothing'));
  });
}
