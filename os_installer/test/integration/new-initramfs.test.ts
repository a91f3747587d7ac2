import assert from 'node:assert/strict';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { initramfs } from '../../src/steps/initramfs.ts';
import { chrootNeeds } from './support/chroot.ts';
import { installationInto } from './support/installation.ts';
import { release } from './support/planned.ts';
import {
  archive,
  cannotTell,
  fit,
  initrd,
  installationWith,
  lean,
  pack,
  packers,
  packings,
  step,
  systemThatMakes,
} from './support/sample-initramfs.ts';
import { writeTree } from './support/tree.ts';

const advice =
  "see that the root file system's modules have what is needed, that its etc/initramfs-tools does not leave it out, and that " +
  'nothing stands in the place of its update-initramfs';

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

    await initramfs.run({ ...step, when }, installation);

    // A comparison that shows the difference of such files takes all memory.
    assert.ok((await readFile(installation.path)).equals(await readFile(next)), 'it is another file');
    assert.equal(await readFile(join(system, 'calls'), 'utf8'), `${call} -k ${release}\n`);
    const said = /the initramfs is of no use; making another/.test(installation.lines.join('\n'));
    assert.equal(said, present === lean || present === 'damaged');
  });
}

test(
  'in a system whose /var is empty, the program finds a directory for what it makes meanwhile',
  chroot,
  async (context) => {
    const next = await pack(context, fit, packings.zstd);
    const system = await systemThatMakes(context, next, 'cd /var/tmp || exit 1');
    const installation = await installationWith(context, '/dev/null', system);

    await initramfs.run(step, installation);

    assert.ok((await readFile(installation.path)).equals(await readFile(next)), 'it is another file');
  },
);

for (const [what, files, calls] of [
  [
    'waits for the disk of the image',
    { 'conf.d/resume': '# by hand\nRESUME=UUID=1234 # swap\n' },
    `-u -k ${release}\n`,
  ],
  [
    'is told to wait for nothing',
    { 'conf.d/resume': 'RESUME=none\n', 'initramfs.conf': '#RESUME=UUID=1\n' },
    undefined,
  ],
] as const) {
  test(`an initramfs that ${what} is ${calls === undefined ? 'kept' : 'replaced'}`, chroot, async (context) => {
    const system = await systemThatMakes(context, await pack(context, fit, packings.zstd));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(system, 'etc/initramfs-tools/conf.d'), { recursive: true });
      await writeFile(join(system, 'etc/initramfs-tools', path), text);
    }
    const installation = await installationWith(context, await pack(context, fit, packings.gzip), system);

    await initramfs.run(step, installation);

    assert.equal(await installation.system.read('calls'), calls);
    assert.equal(
      await installation.system.read('etc/initramfs-tools/conf.d/zz-pxeboot'),
      calls === undefined ? undefined : '# Written by the installer.\nRESUME=none\n',
    );
    const said = /it waits for .*UUID=1234.*, a disk that the image was made on/.test(installation.lines.join('\n'));
    assert.equal(said, calls !== undefined);
  });
}

test('a new initramfs that lacks a driver too stops the installation', chroot, async (context) => {
  const file = await pack(context, lean, packings.gzip);
  const installation = await installationWith(context, file, await systemThatMakes(context, file));

  await assert.rejects(
    initramfs.run(step, installation),
    (error: unknown) =>
      error instanceof InputError &&
      error.message ===
        `make an initramfs for kernel ${release}: the new one is of no use, it lacks "nvme", which /dev/nvme0n1 needs; ` +
          advice,
  );
});

/** As with update_initramfs=no in its configuration. */
const updatesNothing = '[ "$1" != -u ] || exit 0';

test('where update-initramfs passes over the update, one is made anew', chroot, async (context) => {
  const next = await pack(context, fit, packings.zstd);
  const system = await systemThatMakes(context, next, updatesNothing);
  const installation = await installationWith(context, await pack(context, lean, packings.gzip), system);

  await initramfs.run(step, installation);

  assert.ok((await readFile(installation.path)).equals(await readFile(next)), 'it is another file');
  assert.equal(await readFile(join(system, 'calls'), 'utf8'), `-u -k ${release}\n-c -k ${release}\n`);
});

for (const [what, present, reason] of [
  [
    'lacks a driver',
    lean,
    'update-initramfs reports success and has made none, that there is lacks "nvme", which /dev/nvme0n1 needs',
  ],
  ['is not there', undefined, 'update-initramfs reports success, and there is none'],
] as const) {
  test(
    `an initramfs that ${what}, and an update-initramfs that does nothing, stop the installation`,
    chroot,
    async (context) => {
      const file = present === undefined ? '/dev/null' : await pack(context, present, packings.gzip);
      const installation = await installationWith(context, file, await systemThatMakes(context, file, 'exit 0'));

      await assert.rejects(
        initramfs.run(step, installation),
        (error: unknown) =>
          error instanceof InputError &&
          error.message === `make an initramfs for kernel ${release}: ${reason}; ${advice}`,
      );
    },
  );
}

test('a new initramfs that is asked for and not made is told, and the good one stays', chroot, async (context) => {
  const file = await pack(context, fit, packings.gzip);
  const installation = await installationWith(context, file, await systemThatMakes(context, file, 'exit 0'));

  await initramfs.run({ ...step, when: 'always' }, installation);

  assert.match(
    installation.lines.at(-1) ?? '',
    / warn test make an initramfs .* has made none; the one that there is stays$/,
  );
});

test('a new initramfs of which nothing can be told does not stop the installation', chroot, async (context) => {
  const next = await pack(context, lean, `${archive} | xz --check=crc32`);
  const system = await systemThatMakes(context, next);
  const installation = await installationWith(context, await pack(context, lean, packings.gzip), system);

  await initramfs.run(step, installation);

  assert.match(installation.lines.at(-1) ?? '', cannotTell);
});

test('without initramfs and without the program that makes one, the installation stops', async (context) => {
  const directory = await writeTree(context, {});
  await mkdir(join(directory, 'boot'));
  await writeFile(join(directory, initrd), '');

  await assert.rejects(
    initramfs.run(step, installationInto(directory)),
    /the root file system has none and no update-initramfs and no dracut; add the package initramfs-tools or dracut/,
  );
});
