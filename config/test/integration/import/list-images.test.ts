import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { PublishedImage } from '../../../contract/published-images.ts';
import { describeImages, listImages } from '../../../import/list-images.ts';
import { inspectLook } from '../../../inspect/inspect-image.ts';
import { lookAtImage } from '../../../inspect/look-at-images.ts';
import { changed, debianRoot, makeImage, tarOf } from '../../support/root-archive.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { requirements } from './support/imported.ts';
import { write } from './support/small-root.ts';

const said: string[] = [];
const options = { published: [], inspects: true, say: (line: string) => void said.push(line) };

test('image directories are listed with what image.json says, and without it by their files', async (context) => {
  const images = await temporaryDirectory(context);
  await write(join(images, 'fedora-40/x86_64/image.json'), '{"kernel": "6.8.5", "os": {"name": "Fedora Linux 40"}}');
  await write(join(images, 'debian-12/aarch64/vmlinuz-6.1.0-9-arm64'), 'x'.repeat(1_500_000));
  await write(join(images, 'debian-12/aarch64/vmlinuz-6.1.0-10-arm64'), '');
  await write(join(images, 'broken/riscv64/image.json'), '{"kernel":');
  await mkdir(join(images, '.import-x/image'), { recursive: true });
  await writeFile(join(images, 'README'), '');

  assert.deepEqual(describeImages(await listImages(images, options)), [
    'NAME       ARCH     SIZE  KERNEL          SYSTEM           INSTALLS',
    'broken     riscv64  1 MB  no kernel       -                cannot be installed: riscv64 is no architecture that can be installed',
    'debian-12  aarch64  2 MB  6.1.0-10-arm64  -                cannot be installed: has no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar (1 more: --json)',
    'fedora-40  x86_64   1 MB  6.8.5           Fedora Linux 40  cannot be installed: has no vmlinuz* (2 more: --json)',
  ]);
  assert.deepEqual(await listImages(join(images, 'nowhere'), options), []);
});

/** The last column. */
function verdicts(lines: readonly string[]): string[] {
  return lines.slice(1).map((line) => line.replace(/^(\S+ +)(?:.*?\bMB {2}\S+ +- +)/, '$1'));
}

test('each image is looked into, and what its content means is said', requirements, async (context) => {
  const images = await temporaryDirectory(context);
  const root = (...without: RegExp[]): Record<string, Buffer> => ({
    'rootfs.tar': tarOf(without.reduce((entries, pattern) => changed(entries, pattern), debianRoot)),
  });
  makeImage(join(images, 'a/x86_64'));
  makeImage(join(images, 'b/x86_64'), root(/cloud-init/));
  makeImage(join(images, 'c/x86_64'), root(/sbin\/init$/, /systemd$/));
  makeImage(join(images, 'd/aarch64'));
  makeImage(join(images, 'e/x86_64'), { 'rootfs.tar.gz': '<html>404' });
  makeImage(join(images, 'f/x86_64'), root(/update-initramfs/));
  makeImage(join(images, 'g/x86_64'));
  await rm(join(images, 'g/x86_64/rootfs.tar.gz'));
  await symlink('nowhere', join(images, 'g/x86_64/rootfs.tar.xz'));

  makeImage(join(images, 'h/x86_64'));
  await rm(join(images, 'h/x86_64/modules.cpio.gz'));
  await mkdir(join(images, 'h/x86_64/modules.cpio.gz'));

  const listed = await listImages(images, options);

  assert.deepEqual(verdicts(describeImages(listed)), [
    'a     installs',
    'b     installs, with 1 warning',
    'c     cannot be installed: rootfs.tar has no init program: neither /sbin/init nor /usr/lib/systemd/systemd can be executed',
    'd     cannot be installed: rootfs.tar.gz holds a system for x86_64, and its directory is for aarch64',
    'e     cannot be installed: rootfs.tar.gz is an HTML page, not an archive',
    'f     installs',
    'g     cannot be installed: rootfs.tar.xz cannot be read by the web server',
    `h     not inspected yet: read "${images}/h/x86_64/modules.cpio.gz": it is not a regular file`,
  ]);
  assert.deepEqual(
    listed.slice(1, 3).map(({ verdict, reasons, warnings }) => ({ verdict, reasons, warnings })),
    [
      {
        verdict: 'installs',
        reasons: [],
        warnings: [
          {
            level: 'warning',
            problem:
              'images/b/x86_64/rootfs.tar has no cloud-init, so neither the user nor the SSH key of the definition is set up',
            fix: 'use a cloud image, or install cloud-init in it',
          },
        ],
      },
      {
        verdict: 'cannot be installed',
        reasons: [
          {
            problem:
              'images/c/x86_64/rootfs.tar has no init program: neither /sbin/init nor /usr/lib/systemd/systemd can be executed',
            fix: 'use the image of a whole system (a container image has none), or install systemd in it',
          },
        ],
        warnings: [],
      },
    ],
  );
  assert.deepEqual(said, []);
});

/** What image-inspector would publish. */
async function publish(images: string, image: string): Promise<PublishedImage> {
  const look = await lookAtImage(images, image);
  assert.ok(look !== undefined);
  const { fingerprint } = look;
  const since = '2026-01-02T03:04:05Z';
  return { image, state: 'inspected', fingerprint, attempts: 0, since, ...(await inspectLook(images, look)) };
}

test(
  'what was published is taken while the files are the same, and others are looked into',
  requirements,
  async (context) => {
    const images = await temporaryDirectory(context);
    makeImage(join(images, 'a/x86_64'));
    const before = await publish(images, 'a/x86_64');
    const published = [{ ...before, faults: [{ problem: 'images/a/x86_64/rootfs.tar.gz: as published', fix: '' }] }];
    const list = async (inspects: boolean): Promise<string[]> =>
      verdicts(describeImages(await listImages(images, { ...options, inspects, published })));

    assert.deepEqual(await list(true), ['a     cannot be installed: rootfs.tar.gz: as published']);
    makeImage(join(images, 'a/x86_64'));
    assert.deepEqual(await list(true), ['a     installs']);
    assert.deepEqual(await list(false), ['a     not inspected yet: nobody has looked into it']);
  },
);

test('an image in whose inspection image-inspector died is not looked into', requirements, async (context) => {
  const images = await temporaryDirectory(context);
  makeImage(join(images, 'a/x86_64'));
  const reason = 'its inspection has begun 3 times and did not end';
  const published = [{ ...(await publish(images, 'a/x86_64')), state: 'failed' as const, attempts: 3, reason }];

  const listed = await listImages(images, { ...options, inspects: true, published });

  assert.deepEqual(verdicts(describeImages(listed)), [`a     not inspected yet: ${reason}`]);
});
