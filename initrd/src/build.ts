import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Arch } from '@pxeboot/config/contract/architecture';
import { describeError, InputError } from '@pxeboot/config/kit/errors';
import { describeFault } from '@pxeboot/config/kit/fault';

import { openPackagesRoot, type PackagesRoot } from './packages-root.ts';
import type { ArchiveEntry } from './plan/archive-entry.ts';
import { planArchive, type Claim } from './plan/archive-plan.ts';
import { parseElf, type ElfFacts } from './plan/elf.ts';
import { parseManifest, type Manifest, type ManifestEntry, type Source } from './plan/manifest.ts';
import { libraryDirectories, resolveLibraries, type ElfObject } from './resolve-libraries.ts';

export interface BuildInput {
  arch: Arch;
  /** The unpacked packages, as fetch-packages.sh makes them. */
  root: string;
  /** The compiled os-installer of the same architecture. */
  installer: string;
  /** What else the image build has made for this architecture: the manifest's `built:` files. */
  built: string;
  /** The folder of manifest.txt and of its `initrd:` files. */
  folder: string;
}

interface Inputs {
  input: BuildInput;
  packages: PackagesRoot;
}

/** Everything that goes into the archive, in order.
 * @throws InputError naming everything that is missing, faulty or claimed twice */
export function collectEntries(input: BuildInput): ArchiveEntry[] {
  const manifest = readManifest(join(input.folder, 'manifest.txt'));
  const inputs: Inputs = { input, packages: openPackagesRoot(input.root) };
  const problems: string[] = [];

  const claims = manifest.entries.flatMap((entry) => {
    const claim = claimOf(entry, inputs);
    if (claim === undefined) problems.push(missingSource(entry, input));
    return claim ?? [];
  });
  const libraries = resolveLibraries(elfObjects(claims), {
    arch: input.arch,
    directories: libraryDirectories(input.arch),
    leftOut: manifest.leftOut,
    find: (path) => factsOf(path, inputs.packages.read(path)),
  });
  const plan = planArchive([...claims, ...libraries.paths.map((path) => libraryClaim(path, inputs.packages))]);

  problems.push(...libraries.problems, ...plan.problems);
  if (problems.length > 0) throw new InputError(`collect the initrd for ${input.arch}: ${problems.join('; ')}`);
  return plan.entries;
}

function readManifest(file: string): Manifest {
  const parsed = parseManifest('manifest.txt', readFileSync(file, 'utf8'));
  if (parsed.ok) return parsed.value;
  throw new InputError(`read ${file}: ${parsed.faults.map(describeFault).join('; ')}`);
}

function claimOf(entry: ManifestEntry, inputs: Inputs): Claim | undefined {
  if (entry.kind !== 'file') return { entry, source: 'manifest.txt' };
  const content = contentOf(entry.source, inputs);
  if (content === undefined) return undefined;
  return { entry: { kind: 'file', path: entry.path, mode: entry.mode, content }, source: nameOf(entry.source) };
}

function contentOf(source: Source, { input, packages }: Inputs): Uint8Array | undefined {
  switch (source.from) {
    case 'packages':
      return packages.read(source.path);
    case 'initrd':
      return readFileSync(join(input.folder, source.path));
    case 'built':
      return readFileSync(join(input.built, source.path));
    case 'installer':
      return readFileSync(input.installer);
  }
}

function nameOf(source: Source): string {
  return source.from === 'installer' ? 'installer' : `${source.from}:${source.path}`;
}

function missingSource(entry: ManifestEntry, { root }: BuildInput): string {
  const source = entry.kind === 'file' ? nameOf(entry.source) : '';
  return `source "${source}" of ${entry.path} is not in ${root}; check manifest.txt and packages.txt`;
}

function elfObjects(claims: readonly Claim[]): ElfObject[] {
  return claims.flatMap(({ entry }) => {
    const facts = entry.kind === 'file' ? factsOf(entry.path, entry.content) : undefined;
    return facts === undefined ? [] : [{ path: entry.path, facts }];
  });
}

function factsOf(path: string, content: Uint8Array | undefined): ElfFacts | undefined {
  if (content === undefined) return undefined;
  try {
    return parseElf(content);
  } catch (error) {
    throw new InputError(`read ${path}: ${describeError(error)}`, { cause: error });
  }
}

function libraryClaim(path: string, packages: PackagesRoot): Claim {
  const content = packages.read(path) ?? Buffer.alloc(0);
  return { entry: { kind: 'file', path, mode: 0o755, content }, source: `library packages:${path}` };
}
