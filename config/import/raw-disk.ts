import { stat } from 'node:fs/promises';

import { run } from '../host/run.ts';
import { HostError, InputError } from '../kit/errors.ts';
import type { Progress } from './progress.ts';

const timeoutMs = 60_000;
const pollMs = 500;
/** Blocks of stat(2). */
const blockBytes = 512;

/** What matters of `qemu-img info --output=json`. */
interface QcowInfo {
  'virtual-size': number;
  encrypted?: boolean;
  'backing-filename'?: string;
  'format-specific'?: { data?: { corrupt?: boolean; 'data-file'?: string } };
}

/** Refuses a qcow2 that is only a part of a disk, or that nobody can read.
 * @throws InputError */
export async function checkQcow(file: string): Promise<void> {
  const { stdout } = await run('qemu-img', ['info', '--output=json', '-f', 'qcow2', file], { timeoutMs }).catch(
    (cause: unknown) => {
      throw new InputError(`read "${file}": qemu-img does not take it for a whole qcow2 image; get it again`, {
        cause,
      });
    },
  );
  // Printed by qemu-img.
  const info = JSON.parse(stdout) as QcowInfo;
  const specific = info['format-specific']?.data ?? {};
  const other = info['backing-filename'] ?? specific['data-file'];
  if (other !== undefined) {
    throw new InputError(
      `read "${file}": it holds only what differs from "${other}"; make it whole first: qemu-img convert -O qcow2 "${file}" whole.qcow2`,
    );
  }
  if (info.encrypted === true)
    throw new InputError(`read "${file}": this qcow2 image is encrypted; import one that is not`);
  if (specific.corrupt === true)
    throw new InputError(`read "${file}": this qcow2 image is marked as corrupt; get it again`);
}

/** How many bytes of a qcow2 are data and not holes. */
export async function qcowDataBytes(file: string): Promise<number> {
  const { stdout } = await run('qemu-img', ['map', '--output=json', '-f', 'qcow2', file], { timeoutMs });
  // Printed by qemu-img.
  const extents = JSON.parse(stdout) as { length: number; data: boolean }[];
  return extents.reduce((sum, { length, data }) => sum + (data ? length : 0), 0);
}

/** Bytes that a file takes on its disk. */
export async function allocatedBytes(file: string): Promise<number> {
  return (await stat(file)).blocks * blockBytes;
}

/** Writes what a qcow2 holds into a sparse file.
 * @throws HostError qemu-img failed; the message has its words */
export async function writeRaw(
  file: string,
  raw: string,
  { dataBytes, progress, signal }: { dataBytes: number; progress: Progress; signal: AbortSignal },
): Promise<void> {
  await progress.follow('convert the qcow2 image', dataBytes, async (advance) => {
    let seen = 0;
    const look = async (): Promise<void> => {
      const now = await allocatedBytes(raw).catch(() => seen);
      advance(now - seen);
      seen = now;
    };
    const timer = setInterval(() => void look(), pollMs);
    try {
      await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', '-S', '4k', file, raw], { timeoutMs: 0, signal });
    } catch (cause) {
      throw new HostError(`convert "${file}" to a raw image`, { cause });
    } finally {
      clearInterval(timer);
    }
  });
}
