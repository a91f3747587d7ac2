import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { describeError, InputError } from '../../../kit/errors.ts';
import { createPhysicalVolume } from '../../support/leftovers.ts';
import { needs } from '../../support/requirements.ts';
import type { TestDevice } from './support/disk-image.ts';
import { makeDisk, partitionTypes, temporaryDirectory } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import { writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;
const { linux } = partitionTypes;
needs('pvcreate');

/** What a directory of images has before and after an import that is refused. */
async function refused(context: TestContext, file: string, message: RegExp): Promise<void> {
  const images = join(await temporaryDirectory(context), 'images');
  await mkdir(images);
  const error: unknown = await importFile(context, file, { images }).then(String, (thrown: unknown) => thrown);
  assert.ok(error instanceof InputError, describeError(error));
  assert.match(describeError(error), message);
  assert.deepEqual(await readdir(images), [], String(message));
  assert.doesNotMatch(await readFile('/proc/self/mountinfo', 'utf8'), new RegExp(images));
  const devices = (await run('losetup', ['--list'], { timeoutMs })).stdout;
  assert.deepEqual([devices.includes(images), devices.includes(file)], [false, false], devices);
}

async function rootIn({ format, mounted }: TestDevice): Promise<void> {
  await format('mkfs.ext4', '-q');
  await mounted((root) => writeRoot(root));
}

const notImages: readonly [string, string | Buffer, RegExp][] = [
  [
    'page.qcow2',
    '<!DOCTYPE html><title>404</title>',
    /is an HTML page; give a disk image \(qcow2, raw\), an archive of a root file system, or a directory with an OCI image/,
  ],
  ['empty.img', '', /it is empty;/],
  ['random', Buffer.from('0123456789'.repeat(100)), /unknown \(its first bytes are 0x3031323334353637\)/],
  ['disk.vmdk', 'KDMV\x01\0\0\0', /is a VMDK disk image; convert it first: qemu-img convert/],
  [
    'disk.qcow2',
    Buffer.from('QFI\xfb\0\0\0\x03 and nothing more', 'latin1'),
    /does not take it for a whole qcow2 image/,
  ],
];

for (const [name, content, message] of notImages) {
  test(`${name} is refused before anything is written: ${message.source}`, requirements, async (context) => {
    const file = join(await temporaryDirectory(context), name);
    await writeFile(file, content);

    await refused(context, file, message);
  });
}

test('a file that is missing, a directory and a device are no input', requirements, async (context) => {
  await refused(context, '/nowhere/x.qcow2', /read "\/nowhere\/x\.qcow2": ENOENT/);
  await refused(context, await temporaryDirectory(context), /it is no file; give a disk image/);
  await refused(context, '/dev/zero', /it is no file/);
});

test('a qcow2 that holds only the changes to another image is refused', requirements, async (context) => {
  const directory = await temporaryDirectory(context);
  const base = join(directory, 'base.qcow2');
  const overlay = join(directory, 'overlay.qcow2');
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', base, '10M'], { timeoutMs });
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, overlay], { timeoutMs });

  await refused(context, overlay, /it holds only what differs from ".*base\.qcow2"; make it whole first/);
});

test('a root on LVM or in an encrypted partition is named as such', requirements, async (context) => {
  const lvm = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [
      {
        number: 3,
        startMiB: 1,
        sizeMiB: 40,
        type: linux,
        fill: physicalVolume,
      },
    ],
  });
  const luks = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [
      {
        number: 2,
        startMiB: 1,
        sizeMiB: 40,
        type: linux,
        fill: ({ path }) => writeFile(path, luksHeader(), { flag: 'r+' }),
      },
    ],
  });

  await refused(context, lvm, /partition 3 is a volume of LVM, which cannot be looked into/);
  await refused(context, luks, /partition 2 is encrypted \(LUKS\), which cannot be looked into/);
});

async function physicalVolume({ path }: TestDevice): Promise<void> {
  await createPhysicalVolume(path);
}

/** LUKS1 on-disk format, 2.1: magic, version, cipher, mode, hash, payload offset, key bytes, …, UUID. */
function luksHeader(): Buffer {
  const header = Buffer.alloc(1024);
  header.write('LUKS\xba\xbe', 'latin1');
  header.writeUInt16BE(1, 6);
  header.write('aes', 8);
  header.write('xts-plain64', 40);
  header.write('sha256', 72);
  header.writeUInt32BE(4096, 104);
  header.writeUInt32BE(64, 108);
  header.write('5c1f9b7e-93c8-4d8c-9d8e-0a3a0a3b1f00', 168);
  return header;
}

test('two roots in one image are named, and none is chosen', requirements, async (context) => {
  const raw = await makeDisk(context, {
    sizeMiB: 100,
    partitions: [2, 5].map((number, index) => ({
      number,
      startMiB: 1 + 45 * index,
      sizeMiB: 40,
      type: linux,
      fill: rootIn,
    })),
  });

  await refused(context, raw, /the image has 2 \(partition 2; partition 5\), each with its own os-release/);
});

test('a disk without a system is named with what is on it', requirements, async (context) => {
  const fill = ({ format }: TestDevice): Promise<void> => format('mkfs.ext4', '-q');
  const raw = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [{ number: 1, startMiB: 1, sizeMiB: 40, type: linux, fill }],
  });

  await refused(context, raw, /none of partition 1 \(ext4\) has etc\/os-release or usr\/lib\/os-release/);
});

test(
  'an image directory that is there is refused, and with force it is replaced whole',
  requirements,
  async (context) => {
    const raw = await makeDisk(context, {
      sizeMiB: 60,
      partitions: [{ number: 1, startMiB: 1, sizeMiB: 40, type: linux, fill: rootIn }],
    });
    const images = join(await temporaryDirectory(context), 'images');
    const old = join(images, 'mine/x86_64');
    await mkdir(old, { recursive: true });
    await writeFile(join(old, 'rootfs.tar.gz'), 'old');

    const again = importFile(context, raw, { images, name: 'mine' });
    await assert.rejects(again, { name: 'InputError', message: /mine\/x86_64": it is there; --force replaces it/ });
    assert.deepEqual(await readdir(old), ['rootfs.tar.gz']);
    await importFile(context, raw, { images, name: 'mine', force: true });

    assert.ok(!(await readdir(old)).includes('rootfs.tar.gz'));
    assert.deepEqual(await readdir(images), ['mine']);
  },
);

test('too little space is told before anything is written, with how much is needed', requirements, async (context) => {
  const raw = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [{ number: 1, startMiB: 1, sizeMiB: 40, type: linux, fill: rootIn }],
  });
  const images = await temporaryDirectory(context);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8M', 'tmpfs', images], { timeoutMs });
  try {
    await assert.rejects(importFile(context, raw, { images }), {
      name: 'HostError',
      message: /up to \d{3} MB are needed in "[^"]*", 9 MB are free; make room there$/,
    });
    assert.deepEqual(await readdir(images), []);
  } finally {
    await run('umount', [images], { timeoutMs });
  }
});
