import { Transform } from 'node:stream';
import type { TransformCallback, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { run } from '../host/run.ts';
import { HostError } from '../kit/errors.ts';
import { allEnded, feed, startStreamProgram } from './stream-program.ts';
import type { Tree } from './system-tree.ts';

/** An archive ends with two blocks of zeros: POSIX pax(1), "ustar Interchange Format". With a blocking factor of 1 nothing follows. */
const endBytes = 1024;
/** btrfs.compression and the like are properties of that file system: another one refuses them. Times of access and of change of a
 * file's data are of no use and differ from run to run. */
const options = [
  '--create',
  '--blocking-factor=1',
  '--numeric-owner',
  '--xattrs',
  '--xattrs-include=*',
  '--xattrs-exclude=btrfs.*',
  '--acls',
  '--selinux',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime',
  '--sort=name',
];

/** The arguments of tar for each tree. Where another tree is mounted, what a tree has itself is hidden in the running system, and left
 * out. */
function tarArguments(trees: readonly Tree[], output: string): string[][] {
  return trees.map(({ at, directory }) => {
    const below = trees.filter((other) => other.at !== at && (at === '/' || other.at.startsWith(`${at}/`)));
    const inside = below.map((other) => (at === '/' ? other.at : other.at.slice(at.length)));
    return [
      ...options,
      `--file=${output}`,
      `--directory=${directory}`,
      ...(at === '/' ? [] : [`--transform=flags=rSH;s,^\\.,.${at},`]),
      '--anchored',
      '--no-wildcards',
      ...inside.map((path) => `--exclude=.${path}`),
      '.',
    ];
  });
}

/** The length of the archive that `writeTrees` makes. tar does not read the files for that.
 * @throws CommandError tar failed */
export async function measureTrees(trees: readonly Tree[], signal: AbortSignal): Promise<number> {
  let sum = endBytes;
  for (const args of tarArguments(trees, '/dev/null')) {
    const env = { LC_ALL: 'C' };
    const { stderr } = await run('tar', ['--totals', ...args], { timeoutMs: 0, signal, env });
    const [, bytes] = /^Total bytes written: (\d+)/m.exec(stderr) ?? [];
    if (bytes === undefined) throw new HostError(`measure the root file system: tar printed "${stderr}"`);
    sum += Number(bytes) - endBytes;
  }
  return sum;
}

/** Writes one archive with all trees, in the order of their mount points.
 * @throws CommandError tar failed */
export async function writeTrees(
  trees: readonly Tree[],
  destination: Writable,
  { advance, signal }: { advance: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  for (const args of tarArguments(trees, '-')) {
    const tar = startStreamProgram('tar', args, { signal });
    tar.stdin.end();
    const counted = new WithoutEnd(advance);
    const passed = pipeline(tar.stdout, counted, (chunks: AsyncIterable<Buffer>) => feed(chunks, destination), {
      signal,
    });
    await allEnded([passed, tar.ended]);
  }
  destination.end(Buffer.alloc(endBytes));
}

/** Passes an archive on without its end, and counts. */
class WithoutEnd extends Transform {
  #held: Buffer = Buffer.alloc(0);
  readonly #advance: (bytes: number) => void;

  constructor(advance: (bytes: number) => void) {
    super({ highWaterMark: 1024 * 1024 });
    this.#advance = advance;
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    const all = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const ready = Math.max(0, all.length - endBytes);
    this.#held = all.subarray(ready);
    this.#advance(ready);
    done(null, all.subarray(0, ready));
  }
}
