import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import type { TestPartition } from './support/disk-image.ts';
import { fillEsp, makeDisk, partitionTypes, toQcow } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import { modules, release, write, writeRoot } from './support/small-root.ts';

const timeoutMs = 120_000;
const { biosBoot, esp, linux, extendedBoot } = partitionTypes;
const ubuntuFstab =
  'LABEL=cloudimg-rootfs / ext4 discard 0 1\nLABEL=BOOT /boot ext4 defaults 0 2\nLABEL=UEFI /boot/efi vfat umask=0077 0 1\n';

/** As Ubuntu 24.04's cloud image has them: numbered 14, 15, 16 and 1, in this order. */
function ubuntuPartitions(fstab = ubuntuFstab, bootType = linux): TestPartition[] {
  return [
    { number: 14, startMiB: 1, sizeMiB: 4, type: biosBoot },
    { number: 15, startMiB: 5, sizeMiB: 40, type: esp, fill: (device) => fillEsp(device) },
    {
      number: 16,
      startMiB: 45,
      sizeMiB: 20,
      type: bootType,
      async fill({ format, mounted }) {
        await format('mkfs.ext4', '-q', '-L', 'BOOT');
        await mounted(async (boot) => {
          await write(join(boot, `vmlinuz-${release}`), 'kernel\n');
          await write(join(boot, `initrd.img-${release}`), 'initrd\n');
          await write(join(boot, 'grub/grub.cfg'), 'menu\n');
        });
      },
    },
    {
      number: 1,
      startMiB: 65,
      sizeMiB: 30,
      type: linux,
      async fill({ format, mounted }) {
        await format('mkfs.ext4', '-q', '-L', 'cloudimg-rootfs');
        await mounted(async (root) => {
          await writeRoot(root, { fstab }, join(root, 'nowhere'));
          await write(join(root, 'boot/hidden-by-the-mount'), '');
        });
      },
    },
  ];
}

async function archivedModules(directory: string): Promise<string[]> {
  const list = ['-c', 'gzip -dc "$1" | cpio --quiet -t', 'list', join(directory, 'modules.cpio.gz')];
  return (await run('sh', list, { timeoutMs })).stdout.split('\n').filter((path) => path.includes('.ko'));
}

test('a qcow2 with /boot and ESP of their own becomes a whole image directory', requirements, async (context) => {
  const file = await toQcow(await makeDisk(context, { sizeMiB: 100, partitions: ubuntuPartitions() }));

  const { directory, record, paths, text } = await importFile(context, file);

  assert.match(directory, /\/images\/ubuntu-24\.04\/x86_64$/);
  const names = [
    'SHA256SUMS',
    'image.json',
    `initrd.img-${release}`,
    'modules.cpio.gz',
    'rootfs.tar.zst',
    `vmlinuz-${release}`,
  ];
  assert.deepEqual((await readdir(directory)).sort(), names.sort());
  assert.equal(await text('./boot/efi/EFI/fedora/shimx64.efi'), 'shim');
  assert.equal(await text(`./boot/vmlinuz-${release}`), 'kernel');
  assert.ok(!paths.includes('./boot/hidden-by-the-mount'));
  assert.deepEqual(record.partitions, [
    'partition 1: ext4 on /',
    'partition 14: nothing known',
    'partition 15: vfat on /boot/efi',
    'partition 16: ext4 on /boot',
  ]);
  const chosen = modules.slice(0, 2).map((path) => `lib/modules/${release}/${path}`);
  assert.deepEqual(await archivedModules(directory), chosen);
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { timeoutMs, cwd: directory });
  const modes = (await run('stat', ['-c', '%a', join(directory, `vmlinuz-${release}`), directory], { timeoutMs }))
    .stdout;
  assert.equal(modes, '644\n755');
});

test(
  'a disk of its own, and the root once more, are not packed below their mount points',
  requirements,
  async (context) => {
    const more =
      '/dev/sdb1 /data ext4 defaults 0 2\n/dev/sda1 /again ext4 defaults 0 2\nLABEL=BOOT /boot2 ext4 ro 0 0\n';
    const raw = await makeDisk(context, { sizeMiB: 100, partitions: ubuntuPartitions(`${ubuntuFstab}${more}`) });

    const { record, paths } = await importFile(context, raw);

    assert.deepEqual(
      paths.filter((path) => /^\.\/(data|again|boot2)\//.test(path)),
      [],
    );
    assert.equal(record.partitions[0], 'partition 1: ext4 on /');
    assert.deepEqual(record.notes.filter((note) => note.includes('left out')).toSorted(), [
      '"/dev/sda1", which etc/fstab mounts on /again, is mounted on / already: left out',
      '"/dev/sdb1", which etc/fstab mounts on /data, is not in the image: left out',
      '"LABEL=BOOT", which etc/fstab mounts on /boot2, is mounted on /boot already: left out',
    ]);
  },
);

test('a raw disk whose sectors have 4096 bytes is read by them', requirements, async (context) => {
  const raw = await makeDisk(context, { sizeMiB: 100, sectorSize: 4096, partitions: ubuntuPartitions() });

  const { text } = await importFile(context, raw);

  assert.equal(await text('./boot/grub/grub.cfg'), 'menu');
});

test('/boot is found without an fstab: by its partition type, and by its content', requirements, async (context) => {
  for (const type of [extendedBoot, linux]) {
    const raw = await makeDisk(context, { sizeMiB: 100, partitions: ubuntuPartitions('', type) });

    const { text } = await importFile(context, raw);

    assert.equal(await text('./boot/grub/grub.cfg'), 'menu');
    assert.equal(await text('./boot/efi/EFI/fedora/shimx64.efi'), 'shim');
  }
});

test('an MBR with a root in a logical partition is read', requirements, async (context) => {
  const [, , , root] = ubuntuPartitions('');
  assert.ok(root);
  async function fill(device: Parameters<NonNullable<TestPartition['fill']>>[0]): Promise<void> {
    await device.format('mkfs.ext4', '-q');
    await device.mounted((directory) => writeRoot(directory));
  }
  const raw = await makeDisk(context, {
    sizeMiB: 80,
    label: 'dos',
    partitions: [
      { number: 1, startMiB: 1, sizeMiB: 10, type: '82' },
      { number: 2, startMiB: 12, sizeMiB: 60, type: '5' },
      { number: 5, startMiB: 14, sizeMiB: 40, type: '83', fill },
    ],
  });

  const { record } = await importFile(context, raw);

  assert.deepEqual(record.partitions, ['partition 1: nothing known', 'partition 5: ext4 on /']);
});

test('a file system without a partition table is imported, xfs as well as ext4', requirements, async (context) => {
  for (const program of ['mkfs.ext4', 'mkfs.xfs']) {
    const raw = await makeDisk(context, {
      sizeMiB: 320,
      label: 'none',
      partitions: [
        {
          number: 0,
          startMiB: 0,
          sizeMiB: 320,
          type: '',
          async fill({ format, mounted }) {
            await format(program, '-q');
            await mounted((root) => writeRoot(root));
          },
        },
      ],
    });

    const { record } = await importFile(context, raw);

    assert.deepEqual(record.partitions, [`the whole image: ${program.slice('mkfs.'.length)} on /`]);
  }
});
