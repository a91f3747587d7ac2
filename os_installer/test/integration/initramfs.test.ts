import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/errors';
import { run } from '@pxeboot/config/run';

import { makeInitramfs } from '../../src/executors/initramfs.ts';
import { missingModules } from '../../src/read-initramfs.ts';
import type { StepOf } from '../../src/steps.ts';
import { chrootNeeds, systemWith } from './support/chroot.ts';
import { fakeRoot } from './support/fake-root.ts';
import type { ObservedInstallation } from './support/installation.ts';
import { installationInto } from './support/installation.ts';
import { release } from './support/planned.ts';
import { needs } from './support/requirements.ts';
import { loaded, nvmeDisk } from './support/sysfs-trees.ts';
import { writeTree } from './support/tree.ts';

const timeoutMs = 60_000;
const packers = needs('cpio', 'gzip', 'zstd', 'xz');
const step: StepOf<'initramfs'> = { kind: 'initramfs', disk: '/dev/nvme0n1', release, when: 'if-needed' };
const initrd = `boot/initrd.img-${release}`;
const kernel = `usr/lib/modules/${release}/kernel`;
const fit = [`${kernel}/fs/ext4/ext4.ko`, `${kernel}/drivers/nvme/host/nvme.ko.xz`];
const lean = [`${kernel}/fs/ext4/ext4.ko`, `${kernel}/drivers/block/virtio_blk.ko`];

/** Packs the directory that it runs in; `$1` is a directory with early microcode. */
const archive = 'find . | cpio -o -H newc --quiet';
const early = '(cd "$1" && find . | cpio -o -H newc --quiet); head -c 1000 /dev/zero';
/** As initramfs-tools packs modules that are compressed already, and the rest behind them. */
const modulesApart =
  'find usr/lib/modules | cpio -o -H newc --quiet; find . -path ./usr/lib -prune -o -print | cpio -o -H newc --quiet';
const packings = {
  'a plain archive': archive,
  gzip: `${archive} | gzip`,
  zstd: `${archive} | zstd -q`,
  'gzip behind microcode': `${early}; ${archive} | gzip`,
  'zstd behind microcode': `${early}; ${archive} | zstd -q`,
  'modules apart between microcode and zstd': `${early}; ${modulesApart} | zstd -q`,
};

function incompressible(bytes: number): string {
  return randomBytes(bytes).toString('latin1');
}

/** An initramfs with files at these paths, among others large enough for several reads. */
async function pack(context: TestContext, paths: readonly string[], packing: string): Promise<string> {
  const filler = { 'usr/bin/large': incompressible(150_001), 'zz-large': incompressible(150_002) };
  const content = await writeTree(context, { ...filler, ...Object.fromEntries(paths.map((path) => [path, 'module'])) });
  const microcode = await writeTree(context, { 'kernel/x86/microcode/GenuineIntel.bin': 'z'.repeat(200_003) });
  const file = join(await writeTree(context, {}), 'initramfs');
  const script = `set -e; cd "$0"; { ${packing}; } > "$2"`;
  await run('sh', ['-c', script, content, microcode, file], { timeoutMs });
  return file;
}

/** A machine whose disk needs nvme and ext4, and a root file system with this initramfs. */
async function installationWith(
  context: TestContext,
  file: string,
  target?: string,
): Promise<ObservedInstallation & { path: string }> {
  const sysfs = join(await fakeRoot(context, { ...nvmeDisk, ...loaded('nvme', 'ext4') }), 'sys');
  const directory = target ?? (await writeTree(context, {}));
  const path = join(directory, initrd);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(file, path);
  return { ...installationInto(directory), sysfs, path };
}

/** A root file system whose update-initramfs writes its arguments to /calls and makes what is at /next. */
async function systemThatMakes(context: TestContext, next: string): Promise<string> {
  const files = { [`usr/lib/modules/${release}/modules.dep.bin`]: 'x' };
  const script = '#!/bin/sh\necho "$@" >> /calls\nmkdir -p /boot\ncp /next "/boot/initrd.img-$3"\n';
  const system = await systemWith(context, files, 'usr/sbin/update-initramfs', script);
  await copyFile(next, join(system, 'next'));
  return system;
}

const lacksNvme =
  `make an initramfs for kernel ${release}: that of the root file system lacks "nvme", which /dev/nvme0n1 needs; ` +
  'and there is no update-initramfs; add the package initramfs-tools to it';

/** What is refused where there is no program to make another. */
function isDamaged(error: unknown): boolean {
  return (
    error instanceof InputError &&
    error.message.startsWith(`make an initramfs for kernel ${release}: that of the root file system is damaged: `) &&
    error.message.endsWith('; and there is no update-initramfs; add the package initramfs-tools to it')
  );
}

/** An entry of cpio(5)'s "newc" format. */
function newcEntry(name: string, data: string, nameBytes: number): string {
  const numbers = [1, 0o100644, 0, 0, 1, 0, data.length, 0, 0, 0, 0, nameBytes, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  const filled = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '\0');
  return filled(header + name.padEnd(nameBytes, '\0')) + filled(data);
}

for (const [what, packing] of Object.entries(packings)) {
  test(
    `${what}: an initramfs with the drivers of the disk is kept, one without them is not`,
    packers,
    async (context) => {
      const good = await installationWith(context, await pack(context, fit, packing));
      const bad = await installationWith(context, await pack(context, lean, packing));

      await makeInitramfs(step, good);
      await assert.rejects(
        makeInitramfs(step, bad),
        (error: unknown) => error instanceof InputError && error.message === lacksNvme,
      );

      assert.equal(good.lines.length, 1);
      assert.match(good.lines[0] ?? '', / info test initramfs kept initrd=/);
      assert.match(
        bad.lines[0] ?? '',
        / warn test the initramfs is of no use; making another .*it lacks .*nvme.*, which \/dev\/nvme0n1 needs/,
      );
    },
  );
}

test('modules of another kernel do not count', packers, async (context) => {
  const others = fit.map((path) => path.replace(release, '6.1.0-1-other'));
  const installation = await installationWith(context, await pack(context, others, archive));

  await assert.rejects(makeInitramfs(step, installation), /lacks "ext4", "nvme", which \/dev\/nvme0n1 needs/);
});

for (const [what, packing] of Object.entries(packings)) {
  test(
    `${what}: an initramfs that is cut short is not kept, though the drivers come before the cut`,
    packers,
    async (context) => {
      const file = await pack(context, fit, packing);
      await truncate(file, (await readFile(file)).length - 700);
      const installation = await installationWith(context, file);

      await assert.rejects(makeInitramfs(step, installation), isDamaged);
    },
  );
}

for (const [what, packing] of Object.entries({
  'is no archive': 'echo something else',
  'goes on with something else': `${archive}; echo something else`,
  'unpacks to something else': 'echo something else | gzip',
  'is compressed twice': `${archive} | gzip | gzip`,
  'has a wrong byte': `${archive} | gzip | { head -c 9000; printf x; cat; }`,
})) {
  test(`an initramfs that ${what} is not kept`, packers, async (context) => {
    const installation = await installationWith(context, await pack(context, fit, packing));

    await assert.rejects(makeInitramfs(step, installation), isDamaged);
  });
}

test('an initramfs that is cut short is not kept, though the disk needs no module', packers, async (context) => {
  const file = await pack(context, fit, packings.gzip);
  await truncate(file, (await readFile(file)).length - 700);
  const installation = { ...(await installationWith(context, file)), sysfs: await writeTree(context, {}) };

  await assert.rejects(makeInitramfs(step, installation), isDamaged);
});

test('an archive that is cut anywhere is damaged, one that is whole is not', async (context) => {
  const names = ['early_cpio', ...fit, 'TRAILER!!!'];
  const archiveText = names.map((name) => newcEntry(name, name, name.length + 1)).join('');
  const file = join(await writeTree(context, { initramfs: archiveText }), 'initramfs');

  assert.deepEqual(await missingModules(file, release, ['ext4', 'nvme']), []);
  for (let length = archiveText.length - 1; length > 0; length -= 7) {
    await truncate(file, length);
    const words = length < 6 ? /which is no archive$/ : /Error: it ends in the middle of an archive$/;
    await assert.rejects(missingModules(file, release, []), words, `${length} bytes`);
  }
});

test('names that are filled up with zeros, as dracut-cpio does it, are read', packers, async (context) => {
  const entries = ['early_cpio', ...fit].map((name) => newcEntry(name, 'x', name.length + 5)).join('');
  const file = join(await writeTree(context, { initramfs: entries + newcEntry('TRAILER!!!', '', 11) }), 'initramfs');
  const installation = await installationWith(context, file);

  await makeInitramfs(step, installation);

  assert.match(installation.lines.join('\n'), / info test initramfs kept/);
});

/** Packed so that it ends where one read of the file ends. */
const ending = `${archive} | zstd -q > "$2.zst"; head -c $((65536 - $(stat -c %s "$2.zst") % 65536)) /dev/zero; cat "$2.zst"`;
const moreFollows = /something follows behind what is compressed/;
for (const [what, packing, reason] of [
  ['with xz', `${early}; ${archive} | xz --check=crc32`, /it is packed with xz, and not with gzip or zstd/],
  [
    'with a window that takes much memory',
    `${archive} | zstd -q --long=27`,
    /to unpack it takes more memory than a small machine can spare/,
  ],
  ['with gzip and zstd', `${archive} | gzip; ${archive} | zstd -q`, moreFollows],
  ['with zstd twice, one behind the other', `${archive} | zstd -q; ${archive} | zstd -q`, moreFollows],
  ['with zstd and something else in reads of its own', `${ending}; head -c 300000 /dev/urandom`, moreFollows],
  ['with zstd and ends in zeros', `${archive} | zstd -q; head -c 300 /dev/zero`, moreFollows],
] as const) {
  test(`an initramfs that is packed ${what} is kept, and the log says that`, packers, async (context) => {
    const installation = await installationWith(context, await pack(context, lean, packing));

    await makeInitramfs(step, installation);

    assert.equal(installation.lines.length, 2);
    assert.match(
      installation.lines[0] ?? '',
      / warn test cannot tell whether the initramfs has the drivers of the disk /,
    );
    assert.match(installation.lines[0] ?? '', reason);
    assert.match(installation.lines[1] ?? '', / info test initramfs kept/);
  });
}

const chroot = { skip: packers.skip === false ? chrootNeeds.skip : packers.skip };

for (const [what, when, present, call] of [
  ['one that lacks a driver is replaced', 'if-needed', lean, '-u'],
  ['a damaged one is replaced', 'if-needed', 'damaged', '-u'],
  ['a good one is replaced when that is asked for', 'always', fit, '-u'],
  ['where there is none, one is made', 'if-needed', undefined, '-c'],
] as const) {
  test(`with update-initramfs ${what}`, chroot, async (context) => {
    const next = await pack(context, fit, packings.zstd);
    const system = await systemThatMakes(context, next);
    const file =
      present === undefined ? '/dev/null' : await pack(context, present === 'damaged' ? fit : present, packings.gzip);
    if (present === 'damaged') await truncate(file, 10_000);
    const installation = await installationWith(context, file, system);

    await makeInitramfs({ ...step, when }, installation);

    // A comparison that shows the difference of such files takes all memory.
    assert.ok((await readFile(installation.path)).equals(await readFile(next)), 'it is another file');
    assert.equal(await readFile(join(system, 'calls'), 'utf8'), `${call} -k ${release}\n`);
    const said = /the initramfs is of no use; making another/.test(installation.lines.join('\n'));
    assert.equal(said, present === lean || present === 'damaged');
  });
}

test('a new initramfs that lacks a driver too stops the installation', chroot, async (context) => {
  const file = await pack(context, lean, packings.gzip);
  const installation = await installationWith(context, file, await systemThatMakes(context, file));

  await assert.rejects(
    makeInitramfs(step, installation),
    (error: unknown) =>
      error instanceof InputError &&
      error.message ===
        `make an initramfs for kernel ${release}: the new one is of no use, it lacks "nvme", which /dev/nvme0n1 needs; ` +
          "see that the root file system's modules have what is needed and that its etc/initramfs-tools does not leave it out",
  );
});

test('without initramfs and without the program that makes one, the installation stops', async (context) => {
  const directory = await writeTree(context, {});
  await mkdir(join(directory, 'boot'));
  await writeFile(join(directory, initrd), '');

  await assert.rejects(
    makeInitramfs(step, installationInto(directory)),
    /the root file system has none and no update-initramfs; add the package initramfs-tools/,
  );
});

for (const [what, packing] of [
  ['a large file in it', `truncate -s 200M zeros; ${archive} | zstd -q -1`],
  ['zeros behind an archive that is packed', `{ ${archive}; head -c 200M /dev/zero; } | gzip -1`],
  ['zeros between archives', `${archive}; head -c 200M /dev/zero`],
] as const) {
  test(`memory does not grow with ${what}`, packers, async (context) => {
    const installation = await installationWith(context, await pack(context, lean, packing));
    const before = process.resourceUsage().maxRSS;

    await assert.rejects(makeInitramfs(step, installation), /lacks "nvme"/);

    const grownMiB = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(grownMiB < 64, `${grownMiB} MiB`);
  });
}
