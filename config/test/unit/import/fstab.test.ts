import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fileSystemOf, namesSubvolume, parseFstab, subvolumePath } from '../../../import/decide/fstab.ts';
import { parsePartitions } from '../../../import/decide/partition-list.ts';

const partitions = parsePartitions(
  [
    'NR="14" START="2048" SECTORS="8192" TYPE="21686148-6449-6e6f-744e-656564454649" UUID="A1" NAME=""',
    'NR="15" START="10240" SECTORS="217088" TYPE="C12A7328-F81F-11D2-BA4B-00A0C93EC93B" UUID="a2" NAME="EFI System"',
    'NR="2" START="300000" SECTORS="10" TYPE="0x5" UUID="" NAME=""',
    'NR="1" START="2099200" SECTORS="10" TYPE="0x83" UUID="a3-01" NAME="my root"',
  ].join('\n'),
);
const [bios, esp, root] = partitions.map((partition) => ({
  partition,
  type: 'ext4',
  uuid: `u${partition.number}`,
  label: '',
}));
assert.ok(bios && esp && root);
const all = [bios, { ...esp, uuid: '7B77-95E7', label: 'UEFI' }, root];

test('partitions have offsets in bytes; an extended one is none', () => {
  assert.deepEqual(
    partitions.map(({ number, offset, type }) => [number, offset, type.slice(0, 8)]),
    [
      [14, 1_048_576, '21686148'],
      [15, 5_242_880, 'c12a7328'],
      [1, 1_074_790_400, '0x83'],
    ],
  );
});

test('fstab: comments, swap, memory, binds and what is mounted nowhere are passed over', () => {
  const text = [
    '# comment',
    '\tUUID=1 / ext4 defaults 0 1',
    'UUID=2\t/srv/my\\040data/ xfs',
    '/swap.img none swap sw 0 0',
    'tmpfs /tmp tmpfs defaults 0 0',
    '/srv /export none bind 0 0',
    'UUID=3 /home btrfs compress=zstd:1,subvol=/home/ 0 0',
    'server:/x /net nfs defaults 0 0',
  ].join('\n');

  const entries = parseFstab(text);

  assert.deepEqual(
    entries.map(({ source, mountPoint }) => `${source} ${mountPoint}`),
    ['UUID=1 /', 'UUID=2 /srv/my data', 'UUID=3 /home'],
  );
  assert.deepEqual(entries.map(subvolumePath), [undefined, undefined, 'home']);
});

const sources: readonly [string, number | undefined][] = [
  ['UUID=7b77-95e7', 15],
  ['UUID="u1"', 1],
  ['LABEL=UEFI', 15],
  ['LABEL=uefi', undefined],
  ['PARTUUID=A3-01', 1],
  ['PARTLABEL=my root', 1],
  ['/dev/disk/by-uuid/u14', 14],
  ['/dev/disk/by-label/UEFI', 15],
  ['/dev/vda15', 15],
  ['/dev/xvda1', 1],
  ['/dev/sda1', 1],
  ['/dev/nvme0n1p15', 15],
  ['/dev/mmcblk0p1', 1],
  ['/dev/hda1', 1],
  ['/dev/sdb1', undefined],
  ['/dev/sdaa1', undefined],
  ['/dev/vdb15', undefined],
  ['/dev/xvdf1', undefined],
  ['/dev/nvme1n1p1', undefined],
  ['/dev/nvme0n2p1', undefined],
  ['/dev/mmcblk1p1', undefined],
  ['UUID=', undefined],
  ['LABEL=""', undefined],
  ['/dev/nvme0n1', undefined],
  ['/dev/mapper/vg-root1', undefined],
  ['UUID=other', undefined],
];

for (const [source, number] of sources) {
  test(`${source} of an fstab is ${number === undefined ? 'nothing of the image' : `partition ${number}`}`, () => {
    assert.equal(fileSystemOf(source, all)?.partition.number, number);
  });
}

test('an entry names a subvolume unless it means the top level or the default', () => {
  const names = (options: string): boolean => namesSubvolume({ options: options.split(',') });

  for (const options of ['subvol=home', 'rw,subvol=/@/var', 'subvolid=257']) assert.ok(names(options), options);
  for (const options of ['defaults', 'subvol=/', 'subvol=', 'subvolid=5', 'subvolid=0'])
    assert.ok(!names(options), options);
});
