import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ElfFacts } from '../../src/plan/elf.ts';
import { resolveLibraries, type ResolvedLibraries } from '../../src/resolve-libraries.ts';

const loader = 'lib64/ld-linux-x86-64.so.2';

function facts(given: Partial<ElfFacts> = {}): ElfFacts {
  return { arch: 'x86_64', needed: [], runpath: [], dlopen: [], ...given };
}

function resolve(program: ElfFacts, packages: Record<string, ElfFacts>, leftOut: string[] = []): ResolvedLibraries {
  return resolveLibraries([{ path: 'usr/bin/program', facts: program }], {
    arch: 'x86_64',
    directories: ['usr/lib/x86_64-linux-gnu', 'usr/lib'],
    leftOut,
    find: (path) => packages[path],
  });
}

test('libraries of libraries are found, in the run path, then in the default directories', () => {
  const result = resolve(
    facts({ interpreter: `/${loader}`, needed: ['liba.so.1', 'libb.so.2'], runpath: ['/opt/lib'] }),
    {
      [loader]: facts(),
      'opt/lib/liba.so.1': facts({ needed: ['libc.so.6', 'ld-linux-x86-64.so.2'] }),
      'usr/lib/x86_64-linux-gnu/liba.so.1': facts(),
      'usr/lib/libb.so.2': facts({ needed: ['liba.so.1'] }),
      'usr/lib/x86_64-linux-gnu/libc.so.6': facts(),
    },
  );

  assert.deepEqual(result, {
    paths: [loader, 'opt/lib/liba.so.1', 'usr/lib/libb.so.2', 'usr/lib/x86_64-linux-gnu/libc.so.6'],
    problems: [],
  });
});

test('a library that a program loads at run time is found, the first alternative first', () => {
  const program = facts({ dlopen: [{ feature: 'qr', sonames: ['libqr.so.4', 'libqr.so.3'] }] });

  const result = resolve(program, { 'usr/lib/libqr.so.3': facts() });

  assert.deepEqual(result, { paths: ['usr/lib/libqr.so.3'], problems: [] });
});

test('a missing library is a problem that names it and who needs it', () => {
  assert.deepEqual(resolve(facts({ interpreter: '/lib/ld.so', needed: ['libx.so.1'] }), {}).problems, [
    'interpreter "/lib/ld.so" of usr/bin/program is in no package',
    'library "libx.so.1" needed by usr/bin/program is in no package; add its package to packages.txt',
  ]);
});

test('a missing run-time library is a problem unless it is left out', () => {
  const program = facts({ dlopen: [{ feature: 'bpf', sonames: ['libbpf.so.1'] }] });

  assert.match(
    resolve(program, {}).problems.join(),
    /^library "libbpf.so.1" loaded at run time by usr\/bin\/program \(bpf\)/,
  );
  assert.deepEqual(resolve(program, {}, ['libbpf.so.1']), { paths: [], problems: [] });
});

test('a leave-out line that matches nothing is a problem', () => {
  assert.deepEqual(resolve(facts(), {}, ['libold.so.1']).problems, [
    'leave-out "libold.so.1" matches no dlopen note; remove the line',
  ]);
});

test('a program of another architecture is a problem', () => {
  assert.deepEqual(resolve(facts({ arch: 'aarch64' }), {}).problems, [
    'usr/bin/program is built for aarch64, the archive for x86_64',
  ]);
});
