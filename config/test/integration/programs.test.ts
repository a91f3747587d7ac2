import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { execa } from 'execa';

import { paths } from '../../contract/paths.ts';

const repository = join(import.meta.dirname, '../../..');

/** Every program of the project: its main file, the command if it has some, and the options of its help. */
const programs: readonly [main: string, command: string[], options: string[]][] = [
  [
    'boot_handler/src/main.ts',
    [],
    ['--vms', '--state', '--images', '--inspected', '--templates', '--leases', '--status-key', '--listen'],
  ],
  ['vm_watcher/src/main.ts', [], ['--vms', '--out', '--dnsmasq-pid', '--leases', '--interface']],
  ['config/lint/main.ts', [], ['--vms', '--images', '--state', '--inspected', '--json']],
  ['config/inspect/main.ts', [], ['--images', '--published']],
  ['os_installer/src/main.ts', [], ['--plan', '--cmdline', '--target', '--node-version']],
  [
    'initrd/src/main.ts',
    [],
    ['--arch', '--folder', '--root', '--installer', '--built', '--output', '--compress', '--level'],
  ],
  ['config/build/sbom/main.ts', [], ['--arch', '--container', '--taken', '--metafile', '--output']],
  ['lab/testing/report/main.ts', [], []],
  ['lab/testing/report/main.ts', ['record'], ['--status', '--seconds', '--files']],
  ['lab/src/main.ts', [], ['--name']],
  ['lab/src/main.ts', ['up'], ['--ipv6']],
  ['lab/src/main.ts', ['demo'], ['--distro', '--arch']],
  ['lab/src/main.ts', ['vm', 'create'], ['--distro', '--no-pxeboot', '--arch']],
  [
    'lab/src/main.ts',
    ['vm', 'start'],
    ['--memory', '--disk', '--network-first', '--bus', '--spare-disk', '--http-boot'],
  ],
  ['lab/src/main.ts', ['wait'], ['--seconds']],
];

/** Defaults that a help must show, by the main file. */
const defaults: Readonly<Record<string, string[]>> = {
  'boot_handler/src/main.ts': [
    paths.vms,
    paths.publishedState,
    paths.images,
    paths.publishedImages,
    paths.handlerTemplates,
    paths.dnsmasqLeases,
    paths.statusKey,
    paths.handlerSocket,
  ],
  'config/inspect/main.ts': [paths.images, paths.publishedImages],
  'vm_watcher/src/main.ts': [paths.vms, paths.watcherOut, paths.dnsmasqPid, paths.dnsmasqLeases],
};

/** What a command cannot do without, and names before all else that is wrong. */
const needed: Readonly<Record<string, string[]>> = {
  'initrd/src/main.ts': ['--arch=x86_64', '--folder=f', '--root=r', '--installer=i', '--built=b', '--output=o'],
  'config/build/sbom/main.ts': ['--arch=a', '--container=c', '--taken=t', '--metafile=m', '--output=o'],
  'lab/testing/report/main.ts record': ['--status=0', '--seconds=1', '--files=f'],
};

function run(main: string, ...args: string[]) {
  return execa(process.execPath, [join(repository, main), ...args], { reject: false, timeout: 30_000 });
}

for (const [main, command, options] of programs) {
  const words = [main, ...command].join(' ');

  test(`${words} --help names every option, and the exit statuses, and ends with 0`, async () => {
    const { exitCode, stdout, stderr } = await run(main, ...command, '--help');

    assert.deepEqual([exitCode, stderr], [0, '']);
    const named = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
    assert.deepEqual(named, [...options, '--help']);
    assert.doesNotMatch(stdout, /cannot start/);
    if (command.length > 0) return;
    assert.match(stdout, /^Exit status:\n {2}0 +\w.*\n(?: {2}\d+ .*\n)*? {2}2 .*command line/m);
    for (const value of defaults[main] ?? [])
      assert.ok(stdout.replaceAll(/\s+/g, ' ').includes(`(default: "${value}")`), value);
  });

  test(`${words}: an option that is none is named, with where the help is, and ends with 2`, async () => {
    const { exitCode, stdout, stderr } = await run(main, ...command, ...(needed[words] ?? []), '--no-such-option');

    assert.deepEqual([exitCode, stdout], [2, '']);
    assert.match(stderr, /^error: unknown option '--no-such-option'\n\nUsage: [\w-]+ --help /);
  });
}
