import { packingBytes, packingOf } from '../../kit/packing.ts';
import { CommandError } from '../../host/run.ts';
import { InputError } from '../../kit/errors.ts';
import { allEnded, feed, startStreamProgram } from '../stream-program.ts';
import { unpackers } from '../tarball-source.ts';

/** The archive of a layer, whichever way it is packed: its first bytes tell.
 * @param chunks what is packed, all of which is read when the archive is read to its end; they are ended when it is not
 * @throws InputError it is damaged; the error of `chunks` */
export async function* unpackLayer(chunks: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { head, all } = await headOf(chunks);
  const packing = packingOf(head) ?? 'tar';
  if (packing === 'tar') {
    yield* all;
    return;
  }
  const [program, ...args] = unpackers[packing];
  const stop = new AbortController();
  const unpacker = startStreamProgram(program, args, { signal: AbortSignal.any([signal, stop.signal]) });
  const fed = feed(all, unpacker.stdin).finally(() => unpacker.stdin.end());
  const whole = unpacker.ended.catch((cause: unknown) => {
    if (signal.aborted || !(cause instanceof CommandError) || cause.exitCode === undefined) throw cause;
    throw new InputError(`its ${packing} data is damaged or cut short`, { cause });
  });
  const ended = allEnded([fed, whole]);
  ended.catch(() => undefined);
  try {
    yield* unpacker.stdout as AsyncIterable<Buffer>;
    await ended;
  } finally {
    stop.abort();
    // Else `feed` reads on to the end, for a program that is gone.
    await all.return(undefined);
  }
}

/** Looks at the first bytes, and gives all of them again. */
async function headOf(chunks: AsyncIterable<Buffer>): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < packingBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* again(): AsyncGenerator<Buffer> {
    try {
      yield head;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  }
  return { head, all: again() };
}
