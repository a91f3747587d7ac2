import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

import { architectures, type Arch } from '@pxeboot/config/contract/architecture';
import { writeAtomic } from '@pxeboot/config/host/files';
import { createLog } from '@pxeboot/config/host/log';
import { createProgram } from '@pxeboot/config/host/program';
import { describeError, InputError } from '@pxeboot/config/kit/errors';
import { InvalidArgumentError, Option } from 'commander';

import { collectEntries } from './build.ts';
import { compress, type Compression } from './compress.ts';
import { writeCpio } from './plan/cpio.ts';

interface Options {
  arch: Arch;
  folder: string;
  root: string;
  installer: string;
  built: string;
  output: string;
  compress: Compression;
  level: number;
}

const log = createLog('initrd');
const bestLevel = 19;

async function build(options: Options): Promise<void> {
  const { arch, output, compress: compression, level } = options;
  const started = Date.now();
  const entries = collectEntries(options);
  const pieces = writeCpio(entries);
  const bytes = await compress(pieces, { compression, level });

  mkdirSync(dirname(output), { recursive: true });
  await writeAtomic(output, bytes);
  const unpacked = pieces.reduce((sum, piece) => sum + piece.length, 0);
  log.info('built', {
    arch,
    output,
    entries: entries.length,
    unpacked_bytes: unpacked,
    bytes: bytes.length,
    ms: Date.now() - started,
  });
}

function parseLevel(text: string): number {
  const level = Number(text);
  if (Number.isInteger(level) && level >= 1 && level <= bestLevel) return level;
  throw new InvalidArgumentError(`expected a whole number from 1 (fast) to ${bestLevel} (small)`);
}

const program = createProgram(
  'initrd',
  'Builds the initrd in which the installer runs, from unpacked packages and the compiled installer',
  { 0: 'built', 1: 'a file or a program failed', 2: 'what it is built from, or the command line, is wrong' },
)
  .addOption(new Option('--arch <arch>', 'architecture').choices(Object.keys(architectures)).makeOptionMandatory())
  .requiredOption('--folder <directory>', 'manifest.txt and the files that it takes from beside it')
  .requiredOption('--root <directory>', 'unpacked packages of that architecture (fetch-packages.sh)')
  .requiredOption('--installer <file>', 'compiled os-installer of that architecture')
  .requiredOption('--built <directory>', 'what else the image build has made for that architecture: grub.efi')
  .requiredOption('--output <file>', 'archive to write')
  .addOption(new Option('--compress <method>', 'compression').choices(['zstd', 'xz']).default('zstd'))
  .option('--level <number>', 'zstd level, from 1 (fast) to 19 (small)', parseLevel, bestLevel)
  .action(build);

// Not with await: the bundle is a CommonJS file.
program.parseAsync().catch((error: unknown) => {
  log.error(describeError(error));
  process.exitCode = error instanceof InputError ? 2 : 1;
});
