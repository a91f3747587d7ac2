import assert from 'node:assert/strict';
import { link, open, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { describeError } from '../../../kit/errors.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import type { SmallRoot } from './support/small-root.ts';
import { release, write, writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;
const packers: Record<string, readonly string[]> = {
  tar: ['--no-auto-compress'],
  gzip: ['--gzip'],
  zstd: ['--use-compress-program=zstd --ultra --long=31'],
  xz: ['--xz'],
  bzip2: ['--bzip2'],
};

/** An archive whose name says nothing. */
async function packed(
  context: TestContext,
  options: readonly string[],
  root: SmallRoot = {},
  dot = true,
): Promise<string> {
  const directory = await temporaryDirectory(context);
  await writeRoot(join(directory, 'root'), root);
  const file = join(directory, 'download');
  const members = dot ? ['.'] : await readdir(join(directory, 'root'));
  await run('tar', [...options, '--numeric-owner', '-C', join(directory, 'root'), '-cf', file, ...members], {
    timeoutMs,
  });
  return file;
}

for (const [packing, options] of Object.entries(packers)) {
  test(
    `an archive packed with ${packing} is packed again as it is, with "./" and without`,
    requirements,
    async (context) => {
      for (const dot of [true, false]) {
        const file = await packed(context, options, {}, dot);

        const { directory, record, paths, text } = await importFile(context, file);

        assert.equal(record.source.kind, `tarball (${packing})`);
        assert.equal(record.kernel, release);
        assert.equal(await readFile(join(directory, `initrd.img-${release}`), 'utf8'), 'initrd\n');
        assert.ok(paths.includes(dot ? './home/' : 'home/'), paths.join(' '));
        assert.match(await text(`${dot ? './' : ''}usr/lib/os-release`), /ID=ubuntu/);
      }
    },
  );
}

test('the length of the archive is in the zstd frame of the result', requirements, async (context) => {
  const { directory, record } = await importFile(context, await packed(context, ['--gzip']));

  const { stdout } = await run('zstd', ['-lv', join(directory, 'rootfs.tar.zst')], { timeoutMs });
  assert.match(stdout, new RegExp(`Decompressed Size: .*\\(${record.unpacked_bytes} B\\)`));
});

test('a name that os-release does not give, and one that no definition could name', requirements, async (context) => {
  const rolling = await packed(context, ['--gzip'], { osRelease: 'ID=debian\nPRETTY_NAME="Debian sid"\n' });
  const odd = await packed(context, ['--gzip'], { osRelease: 'ID=my system\nVERSION_ID=1/2\n' });

  assert.match((await importFile(context, rolling)).directory, /\/debian\/x86_64$/);
  await assert.rejects(importFile(context, odd), { name: 'InputError', message: /"my system-1\/2" is no name of one/ });
  assert.match((await importFile(context, odd, { name: 'mine' })).directory, /\/mine\/x86_64$/);
});

test('an empty name is refused, from the command line and from os-release', requirements, async (context) => {
  const file = await packed(context, ['--gzip'], { osRelease: 'ID=""\n' });

  for (const options of [{ name: '' }, {}]) {
    await assert.rejects(importFile(context, file, options), {
      name: 'InputError',
      message: /name the image directory: "" is no name of one; choose another with --name/,
    });
  }
});

test('the architecture is that of the init program', requirements, async (context) => {
  const arm = await packed(context, ['--gzip'], { machine: 183 });
  const riscv = await packed(context, ['--gzip'], { machine: 243 });

  assert.match((await importFile(context, arm)).directory, /\/ubuntu-24\.04\/aarch64$/);
  await assert.rejects(importFile(context, riscv), {
    name: 'InputError',
    message: /\/sbin\/init is a program of ELF machine 243, 64 bits.*x86_64 or aarch64 is needed/,
  });
});

test('an archive that is cut short or damaged is named as such', requirements, async (context) => {
  for (const options of [['--gzip'], ['--xz']]) {
    const file = await packed(context, options);
    await truncate(file, 700);

    await assert.rejects(importFile(context, file), {
      name: 'InputError',
      message: /is damaged or cut short; get it again/,
    });
  }
  const plain = await packed(context, packers['tar'] ?? []);
  const handle = await open(plain, 'r+');
  await handle.write(Buffer.alloc(512, 'x'), 0, 512, 1024);
  await handle.close();
  await assert.rejects(importFile(context, plain), { name: 'InputError', message: /tar cannot read it as an archive/ });
});

const harmless: readonly [string, readonly string[]][] = [
  ['keywords that only bsdtar knows', ['--format=posix', '--pax-option=LIBARCHIVE.creationtime:=1700000000.5']],
  ['times in the future', ['--mtime=2099-01-01']],
  ['times before 1970', ['--format=posix', '--mtime=1960-01-01']],
  ['absolute targets of hard links', ['--absolute-names', '--transform=flags=h;s,^,/,']],
];
for (const [what, options] of harmless) {
  test(`a whole archive that tar warns of is imported: ${what}`, requirements, async (context) => {
    const directory = await temporaryDirectory(context);
    await writeRoot(join(directory, 'root'));
    const modulesOfKernel = join(directory, 'root/usr/lib/modules', release);
    await link(join(directory, `root/boot/vmlinuz-${release}`), join(modulesOfKernel, 'vmlinuz'));
    await write(join(directory, 'root/opt/shell'), 'elsewhere');
    await link(join(directory, 'root/opt/shell'), join(directory, 'root/usr/bin/sh'));
    const file = join(directory, 'download');
    await run('tar', [...options, '--sort=name', '-C', join(directory, 'root'), '-cf', file, '.'], { timeoutMs });

    assert.equal((await importFile(context, file)).record.kernel, release);
  });
}

/** Where the header of a member is: POSIX pax(1), "ustar Interchange Format". */
function headerOf(archive: Buffer, name: string): number {
  let at = archive.indexOf(`${name}\0`);
  while (at > 0 && at % 512 !== 0) at = archive.indexOf(`${name}\0`, at + 1);
  assert.ok(at > 0);
  return at;
}

test('a damaged archive is found behind what tar only warns of', requirements, async (context) => {
  const file = await packed(context, ['--format=posix', '--pax-option=LIBARCHIVE.creationtime:=1700000000.5']);
  const whole = await readFile(file);
  whole.write('x', headerOf(whole, './usr/lib/os-release') + 30);
  await writeFile(file, whole);

  const error: unknown = await importFile(context, file).then(String, (thrown: unknown) => thrown);
  assert.match(describeError(error), /tar cannot read it as an archive of a root file system.*Skipping to next header/);
  assert.doesNotMatch(describeError(error), /Not found in archive|LIBARCHIVE/);
});

test('an archive that ends in the middle of a file is damaged', requirements, async (context) => {
  const file = await packed(context, packers['tar'] ?? []);
  await truncate(file, headerOf(await readFile(file), './usr/lib/os-release') + 512);

  await assert.rejects(importFile(context, file), { name: 'InputError', message: /tar cannot read it as an archive/ });
});

test(
  'a packed disk image, a container’s image and an archive without a kernel are told apart',
  requirements,
  async (context) => {
    const directory = await temporaryDirectory(context);
    const disk = join(directory, 'disk.raw');
    await writeFile(disk, Buffer.concat([Buffer.alloc(510), Buffer.from([0x55, 0xaa]), Buffer.alloc(100_000)]));
    await run('gzip', ['-k', disk], { timeoutMs });
    await run('tar', ['-C', directory, '-czf', join(directory, 'tarred'), 'disk.raw'], { timeoutMs });
    const container = await packed(context, ['--gzip'], { kernel: false });

    await assert.rejects(importFile(context, `${disk}.gz`), {
      name: 'InputError',
      message: /what is packed in it with gzip is no archive .*; if it is a disk image, unpack it and import that$/,
    });
    await assert.rejects(importFile(context, join(directory, 'tarred')), {
      name: 'InputError',
      message: /it has neither etc\/os-release nor usr\/lib\/os-release \(the archive begins with "disk\.raw"\)$/,
    });
    await assert.rejects(importFile(context, container), {
      name: 'InputError',
      message: /kernels in \/boot: none; modules: none; install the distribution's kernel package/,
    });
  },
);
