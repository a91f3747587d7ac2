import type { Arch } from '@pxeboot/config/contract/architecture';

import type { ElfFacts } from './plan/elf.ts';

/** An ELF file that is to be in the archive. */
export interface ElfObject {
  /** Its path there. */
  path: string;
  facts: ElfFacts;
}

export interface LibrarySearch {
  arch: Arch;
  /** Directories of the loader's default search, in order. */
  directories: readonly string[];
  /** Sonames of `.note.dlopen` entries that are left out on purpose. */
  leftOut: readonly string[];
  /** Reads the ELF file at a path of the unpacked packages; undefined where there is none. */
  find(path: string): ElfFacts | undefined;
}

export interface ResolvedLibraries {
  /** Paths of the libraries and program interpreters, the same in the packages and in the archive. */
  paths: string[];
  /** One sentence for each thing that is missing or wrong. */
  problems: string[];
}

/** Default library directories of Debian's glibc; `lib` is apart from `usr/lib` in our archive. */
export function libraryDirectories(arch: Arch): string[] {
  return [`usr/lib/${arch}-linux-gnu`, 'usr/lib'];
}

/** Finds, from the programs on, every library that the loader or a `dlopen` asks for. */
export function resolveLibraries(programs: readonly ElfObject[], search: LibrarySearch): ResolvedLibraries {
  const found = new Map<string, string>(); // soname -> path
  const problems: string[] = [];
  const unused = new Set(search.leftOut);
  const queue = [...programs];

  for (const { path, facts } of programs) {
    if (facts.interpreter === undefined) continue;
    const interpreter = facts.interpreter.replace(/^\/+/, '');
    if (search.find(interpreter) === undefined)
      problems.push(`interpreter "${facts.interpreter}" of ${path} is in no package`);
    else found.set(baseName(interpreter), interpreter);
  }

  for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
    if (object.facts.arch !== search.arch) {
      problems.push(`${object.path} is built for ${object.facts.arch}, the archive for ${search.arch}`);
    }
    for (const wanted of wantedBy(object, unused, search.leftOut)) {
      if (wanted.sonames.some((soname) => found.has(soname))) continue;
      const library = firstOf(wanted.sonames, object.facts.runpath, search);
      if (library === undefined) problems.push(missing(wanted, object.path));
      else {
        found.set(baseName(library.path), library.path);
        queue.push(library);
      }
    }
  }

  for (const soname of unused) problems.push(`leave-out "${soname}" matches no dlopen note; remove the line`);
  return { paths: [...found.values()].sort(), problems };
}

interface Wanted {
  sonames: string[];
  feature?: string;
}

function wantedBy({ facts }: ElfObject, unused: Set<string>, leftOut: readonly string[]): Wanted[] {
  const notes = facts.dlopen.filter(({ sonames }) => {
    const out = sonames.filter((soname) => leftOut.includes(soname));
    out.forEach((soname) => unused.delete(soname));
    return out.length < sonames.length;
  });
  return [...facts.needed.map((soname) => ({ sonames: [soname] })), ...notes];
}

function firstOf(sonames: string[], runpath: string[], search: LibrarySearch): ElfObject | undefined {
  const directories = [...runpath.map((directory) => directory.replace(/^\/+/, '')), ...search.directories];
  for (const soname of sonames) {
    for (const directory of directories) {
      const path = `${directory}/${soname}`;
      const facts = search.find(path);
      if (facts !== undefined) return { path, facts };
    }
  }
  return undefined;
}

function missing({ sonames, feature }: Wanted, path: string): string {
  const names = sonames.map((soname) => `"${soname}"`).join(' or ');
  return feature === undefined
    ? `library ${names} needed by ${path} is in no package; add its package to packages.txt`
    : `library ${names} loaded at run time by ${path} (${feature}) is in no package; add its package to packages.txt or a leave-out line to manifest.txt`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
