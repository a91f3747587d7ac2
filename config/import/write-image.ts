import { chmod, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { HostError, InputError } from '../kit/errors.ts';
import { showValue } from '../kit/text.ts';
import { hashFile } from './file-hash.ts';
import type { ImageRecord } from './image-record.ts';
import { recordFile } from './image-record.ts';
import type { SystemFacts } from './inspect-system.ts';
import { writeModulesArchive } from './modules-archive.ts';
import type { Progress } from './progress.ts';
import type { RootSource } from './root-source.ts';
import { allEnded, startStreamProgram } from './stream-program.ts';

const rootfsName = 'rootfs.tar.zst';
/** Its window of 4 MiB is far below what any reader allows. */
const level = '-6';

export interface WriteOptions {
  /** For temporary files. */
  folder: string;
  /** The list of modules that an installer needs. */
  moduleList: string;
  progress: Progress;
  signal: AbortSignal;
}

/** Writes all files of an image directory into an empty one. All are for everybody to read: the web server is not root.
 * @throws HostError a program or the disk failed; InputError the source is damaged, or the kernel or a module is missing or no regular file */
export async function writeImageFiles(
  source: RootSource,
  { kernel, modules }: SystemFacts,
  directory: string,
  options: WriteOptions,
): Promise<void> {
  const { signal, moduleList, folder } = options;
  for (const path of [kernel.kernel, kernel.initrd]) {
    if (path === undefined) continue;
    const name = bootName(path, kernel.release);
    if (await source.system.copy(path, join(directory, name))) continue;
    throw new InputError(
      `read ${showValue(path)} of the image: it is missing, or a link that leads nowhere; mend it in the system first`,
    );
  }
  const archive = { release: kernel.release, folder: join(folder, 'modules'), list: moduleList, signal };
  await writeModulesArchive(source.system, modules, join(directory, 'modules.cpio.gz'), archive);
  await packRoot(source, join(directory, rootfsName), options);
  for (const name of await readdir(directory)) await chmod(join(directory, name), 0o644);
}

/** `vmlinuz-<release>` and `initramfs-<release>.img`, also when they were next to their modules, where they have no release. */
function bootName(path: string, release: string): string {
  if (path.startsWith('/boot/')) return basename(path);
  return path.endsWith('/vmlinuz') ? `vmlinuz-${release}` : `initramfs-${release}.img`;
}

/** The header of the zstd frame says how long the archive is, so that the installer knows what it needs. */
async function packRoot(source: RootSource, output: string, { progress, signal }: WriteOptions): Promise<void> {
  await progress.follow('pack the root file system', source.tarBytes, async (advance) => {
    const args = ['-q', '-f', '-T0', level, `--stream-size=${source.tarBytes}`, '-o', output];
    const zstd = startStreamProgram('zstd', args, { signal });
    zstd.stdout.resume();
    try {
      // Without an end zstd would wait for ever.
      const written = source.writeTar(zstd.stdin, { advance, signal }).finally(() => zstd.stdin.end());
      await allEnded([written, zstd.ended]);
    } catch (cause) {
      if (signal.aborted || (cause instanceof Error && cause.name === 'InputError')) throw cause;
      throw new HostError('pack the root file system', { cause });
    }
  });
}

/** Writes `SHA256SUMS`, as `sha256sum *` does, and `image.json`. */
export async function writeRecord(directory: string, record: ImageRecord, signal: AbortSignal): Promise<void> {
  const lines: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    lines.push(`${await hashFile(join(directory, name), { signal })}  ${name}\n`);
  }
  await writeFile(join(directory, 'SHA256SUMS'), lines.join(''), { mode: 0o644 });
  await writeFile(join(directory, recordFile), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o644 });
}
