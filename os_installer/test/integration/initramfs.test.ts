import assert from 'node:assert/strict';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import type { StatusEvent } from '@pxeboot/config/contract/status-event';
import { InputError } from '@pxeboot/config/kit/errors';

import { execute } from '../../src/execute.ts';
import { missingModules } from '../../src/initramfs/missing-modules.ts';
import { initramfs } from '../../src/steps/initramfs.ts';
import { release } from './support/planned.ts';
import {
  archive,
  cannotTell,
  early,
  fit,
  installationWith,
  lean,
  pack,
  packers,
  packings,
  step,
} from './support/sample-initramfs.ts';
import { writeTree } from './support/tree.ts';

const lacksNvme =
  `make an initramfs for kernel ${release}: that of the root file system lacks "nvme", which /dev/nvme0n1 needs; ` +
  'and there is no update-initramfs and no dracut; add the package initramfs-tools or dracut to it';

/** What is refused where there is no program to make another. */
function isDamaged(error: unknown): boolean {
  return (
    error instanceof InputError &&
    error.message.startsWith(`make an initramfs for kernel ${release}: that of the root file system is damaged: `) &&
    error.message.endsWith(
      '; and there is no update-initramfs and no dracut; add the package initramfs-tools or dracut to it',
    )
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

      await initramfs.run(step, good);
      await assert.rejects(
        initramfs.run(step, bad),
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

  await assert.rejects(initramfs.run(step, installation), /lacks "ext4", "nvme", which \/dev\/nvme0n1 needs/);
});

for (const [what, packing] of Object.entries(packings)) {
  test(
    `${what}: an initramfs that is cut short is not kept, though the drivers come before the cut`,
    packers,
    async (context) => {
      const file = await pack(context, fit, packing);
      await truncate(file, (await readFile(file)).length - 700);
      const installation = await installationWith(context, file);

      await assert.rejects(initramfs.run(step, installation), isDamaged);
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

    await assert.rejects(initramfs.run(step, installation), isDamaged);
  });
}

test('an initramfs that is cut short is not kept, though the disk needs no module', packers, async (context) => {
  const file = await pack(context, fit, packings.gzip);
  await truncate(file, (await readFile(file)).length - 700);
  const installation = await installationWith(context, file);
  installation.site.sysfs = await writeTree(context, {});

  await assert.rejects(initramfs.run(step, installation), isDamaged);
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

  await initramfs.run(step, installation);

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

    await initramfs.run(step, installation);

    assert.equal(installation.lines.length, 2);
    assert.match(installation.lines[0] ?? '', cannotTell);
    assert.match(installation.lines[0] ?? '', reason);
    assert.match(installation.lines[1] ?? '', / info test initramfs kept/);
  });
}

test('an initramfs that goes on with something else behind all that is needed is kept', packers, async (context) => {
  const bootConfig = `${archive}; printf 'kernel.quiet = 1\\n\\000#BOOTCONFIG\\n'`;
  const whole = await installationWith(context, await pack(context, ['init', ...fit], bootConfig));
  const lacking = await installationWith(context, await pack(context, ['init', ...lean], bootConfig));

  await initramfs.run(step, whole);
  await assert.rejects(initramfs.run(step, lacking), isDamaged);

  assert.match(whole.lines[0] ?? '', cannotTell);
  assert.match(
    whole.lines[0] ?? '',
    /behind what it needs a part of it begins with 0x6b65726e656c, which is no archive$/,
  );
});

for (const image of ['squash-root.img', './squashfs-root.img', 'erofs-root.img']) {
  test(
    `an initramfs that lacks a driver and holds ${image} is kept, and the log says that`,
    packers,
    async (context) => {
      const content = await pack(context, [...lean, image], `${archive} | zstd -q`);
      const installation = await installationWith(context, content);

      await initramfs.run(step, installation);

      assert.match(installation.lines[0] ?? '', cannotTell);
      assert.match(installation.lines[0] ?? '', /-root\.img", which is not looked into, and lacks "nvme"$/);
    },
  );
}

test(
  'a driver that the system says its kernel has built in is no reason to refuse, another is',
  packers,
  async (context) => {
    const installation = await installationWith(context, await pack(context, lean, archive));
    const list = join(installation.site.target, `lib/modules/${release}/modules.builtin`);
    await mkdir(dirname(list), { recursive: true });

    await writeFile(list, 'kernel/drivers/nvme/host/nvme-core.ko\nkernel/drivers/nvme/host/nvme.ko\n');
    await initramfs.run(step, installation);
    await writeFile(list, 'kernel/drivers/nvme/host/nvme-core.ko\n');
    await assert.rejects(initramfs.run(step, installation), /that of the root file system lacks "nvme", which/);

    assert.match(installation.lines[0] ?? '', cannotTell);
    assert.match(installation.lines[0] ?? '', /it lacks "nvme"; the system's kernel is said to have that built in/);
  },
);

test('what cannot be told of an initramfs is in the report too', packers, async (context) => {
  const { lines, ...installation } = await installationWith(context, await pack(context, fit, `${archive} | xz`));
  const reported: string[] = [];
  const reporter = {
    report: ({ state, message = '' }: Pick<StatusEvent, 'state' | 'message'>) => reported.push(`${state} ${message}`),
    progress: () => undefined,
    flush: () => Promise.resolve(),
  };

  await execute([step], installation, { reporter, failed: () => undefined });

  assert.match(
    reported[1] ?? '',
    /^progress warning: cannot tell whether the initramfs has what .*: it is packed with xz/,
  );
  assert.ok(lines.some((line) => cannotTell.test(line)));
});

for (const [what, packing] of [
  ['a large file in it', (size: string) => `truncate -s ${size} zeros; ${archive} | zstd -q -1`],
  ['zeros behind an archive that is packed', (size: string) => `{ ${archive}; head -c ${size} /dev/zero; } | gzip -1`],
  ['zeros between archives', (size: string) => `${archive}; head -c ${size} /dev/zero`],
] as const) {
  test(`memory does not grow with ${what}`, packers, async (context) => {
    const small = await installationWith(context, await pack(context, lean, packing('20M')));
    const large = await installationWith(context, await pack(context, lean, packing('200M')));
    await assert.rejects(initramfs.run(step, small), /lacks "nvme"/);
    const before = process.resourceUsage().maxRSS;

    await assert.rejects(initramfs.run(step, large), /lacks "nvme"/);

    const grownMiB = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(grownMiB < 64, `${grownMiB} MiB`);
  });
}
