import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import { HostError } from '../kit/errors.ts';
import type { Packing } from '../kit/packing.ts';
import { unpackers, unpackingFault } from './decide/unpacking.ts';
import { ArchiveError } from './parse/tar-reader.ts';

/** Of what a program says only the beginning is kept. */
const keptWords = 4000;

/** The content of an open archive, unpacked piece by piece; nothing is stored. The program ends when nobody reads on.
 * @throws ArchiveError it cannot be unpacked
 * @throws HostError the file cannot be read, or the program is missing or was killed */
export async function* unpacked(file: FileHandle, packing: Packing): AsyncGenerator<Uint8Array> {
  if (packing === 'tar') {
    yield* file.createReadStream({ start: 0, autoClose: false, highWaterMark: 2 ** 18 }) as AsyncIterable<Uint8Array>;
    return;
  }
  const [program = '', ...args] = unpackers[packing];
  const child = spawn(program, args, { stdio: [file.fd, 'pipe', 'pipe'] });
  // Without it a program that is missing would end this one.
  const ended = new Promise<{ status: number | null; signal: NodeJS.Signals | null; error?: Error }>((resolve) => {
    child.once('error', (error) => resolve({ status: null, signal: null, error }));
    child.once('close', (status, signal) => resolve({ status, signal }));
  });
  const stderr = collectWords(child.stderr);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    const { status, signal, error } = await ended;
    if (status === 0) return;
    const how = error?.message ?? (signal === null ? `exited with ${String(status)}` : `ended by ${signal}`);
    const fault = status === null ? undefined : unpackingFault(program, stderr());
    if (fault !== undefined) throw new ArchiveError(fault.problem);
    throw new HostError(`unpack it with ${program}: ${how}: ${JSON.stringify(stderr())}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function collectWords(stream: Readable | null): () => string {
  let words = '';
  stream?.on('data', (chunk: Buffer) => {
    if (words.length < keptWords) words += chunk.toString('utf8');
  });
  return () => words;
}
