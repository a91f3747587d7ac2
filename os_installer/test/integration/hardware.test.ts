import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { parseHardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';
import { InputError } from '@pxeboot/config/kit/errors';
import { needs } from '@pxeboot/config/test/support/requirements';

import { requireFileSystems } from '../../src/probe/file-systems.ts';
import { probeDisk, probeHardware, probeHardwareWithDisk } from '../../src/probe/hardware.ts';
import { fakeRoot } from './support/fake-root.ts';
import { loopDevice } from './support/loop-device.ts';

const timeoutMs = 60_000;

test('this machine is read without loops and RAM disks', async () => {
  const facts = await probeHardware();

  assert.ok(facts.disks.every(({ name, sizeBytes }) => !name.startsWith('loop') && Number.isSafeInteger(sizeBytes)));
  assert.deepEqual(parseHardwareFacts('this machine', facts), { ok: true, value: facts });
  assert.ok(facts.availableMemoryBytes > 0 && facts.availableMemoryBytes < facts.memoryBytes);
});

test('a SCSI disk on USB, and an NVMe disk beside its hidden path, are read from sysfs', async (context) => {
  const usb = 'sys/devices/pci0/usb2/2-1/host6/block/sda';
  const nvme = 'sys/devices/pci0/nvme/nvme0/nvme0n1';
  const root = await fakeRoot(context, {
    'sys/block/sda': '-> ../devices/pci0/usb2/2-1/host6/block/sda',
    'sys/block/nvme0n1': '-> ../devices/pci0/nvme/nvme0/nvme0n1',
    'sys/block/nvme0c0n1/hidden': '1\n',
    'sys/block/loop0/size': '8\n',
    [`${usb}/size`]: '2048\n',
    [`${usb}/removable`]: '1\n',
    [`${usb}/ro`]: '1\n',
    [`${usb}/queue/logical_block_size`]: '512\n',
    [`${usb}/device/model`]: 'Stick   \n',
    [`${usb}/device/wwid`]: 'naa.5000\n',
    [`${usb}/device/vpd_pg80`]: Buffer.concat([Buffer.from([0, 0x80, 0, 3]), Buffer.from('SN1')]),
    [`${usb}/sda1/dev`]: '8:1\n',
    [`${usb}/sda1/holders/dm-0`]: '-> ../dm-0',
    [`${nvme}/size`]: '4096\n',
    [`${nvme}/removable`]: '0\n',
    [`${nvme}/ro`]: '0\n',
    [`${nvme}/queue/logical_block_size`]: '4096\n',
    [`${nvme}/device/model`]: 'QEMU NVMe Ctrl\n',
    [`${nvme}/device/serial`]: 'nv-1\n',
    [`${nvme}/wwid`]: 'eui.0025\n',
    'dev/disk/by-id/nvme-QEMU_nv-1': '-> ../../nvme0n1',
    'dev/disk/by-path/pci-1': '-> ../../nvme0n1',
    'proc/meminfo': 'MemTotal: 2048 kB\nMemAvailable: 1024 kB\n',
    'proc/self/mountinfo': '30 27 8:1 / /media rw - vfat /dev/sda1 rw\n',
  });

  const facts = await probeHardware(root);
  const { disks, availableMemoryBytes } = facts;

  assert.deepEqual(parseHardwareFacts('this machine', facts), { ok: true, value: facts });
  assert.equal(availableMemoryBytes, 2 ** 20);
  assert.deepEqual(disks, [
    {
      name: 'nvme0n1',
      path: '/dev/nvme0n1',
      links: ['/dev/disk/by-id/nvme-QEMU_nv-1', '/dev/disk/by-path/pci-1'],
      sizeBytes: 2 * 2 ** 20,
      logicalSectorBytes: 4096,
      transport: 'nvme',
      removable: false,
      readOnly: false,
      model: 'QEMU NVMe Ctrl',
      serial: 'nv-1',
      wwn: 'eui.0025',
      uses: [],
    },
    {
      name: 'sda',
      path: '/dev/sda',
      links: [],
      sizeBytes: 2 ** 20,
      logicalSectorBytes: 512,
      transport: 'usb',
      removable: true,
      readOnly: true,
      model: 'Stick',
      serial: 'SN1',
      wwn: 'naa.5000',
      uses: ['/dev/sda1 is mounted on /media', '/dev/sda1 is held by dm-0'],
    },
  ]);
});

test(
  'a disk whose partition is mounted is in use, until it is unmounted',
  needs('losetup', 'sfdisk', 'partx', 'mkfs.ext4', 'mount'),
  async (context) => {
    const device = await loopDevice(context);
    const name = device.replace('/dev/', '');
    const point = await mkdtemp(join(tmpdir(), 'mounted-'));
    context.after(() => rm(point, { recursive: true }));
    const uses = async (): Promise<string[]> => (await probeDisk(name, new Map()))?.uses ?? assert.fail('no disk');
    await run('sfdisk', ['--quiet', device], { timeoutMs, input: 'label: gpt\nsize=1GiB\n' });
    await run('partx', ['--update', device], { timeoutMs });
    await run('mkfs.ext4', ['-q', '-F', `${device}p1`], { timeoutMs });

    const before = await uses();
    await run('mount', [`${device}p1`, point], { timeoutMs });
    const during = await uses();
    await run('umount', [point], { timeoutMs });

    assert.deepEqual([before, during, await uses()], [[], [`${device}p1 is mounted on ${point}`], []]);
  },
);

/** A machine with a disk that is there already, and one whose driver finds it later. */
async function machineWithLateDisk(context: TestContext): Promise<{ root: string; addLate: () => Promise<void> }> {
  const root = await fakeRoot(context, {
    'sys/block/sda/size': '4096\n',
    'sys/block/sda/removable': '1\n',
    'proc/meminfo': 'MemAvailable: 1024 kB\n',
  });
  const late = join(root, 'sys/block/sdb');
  const addLate = async (): Promise<void> => {
    await mkdir(join(late, 'device'), { recursive: true });
    await writeFile(join(late, 'device/serial'), 'late\n');
    await writeFile(join(late, 'size'), '4096\n');
  };
  return { root, addLate };
}

for (const [what, hints] of [
  ['any disk to install to', {}],
  ['the disk that a hint names', { serial: 'late' }],
] as const) {
  test(`${what} is waited for, which the log says once`, async (context) => {
    const { root, addLate } = await machineWithLateDisk(context);
    const lines: string[] = [];
    const log = createLog('test', (line) => lines.push(line));

    const none = await probeHardwareWithDisk(hints, log, root, 100);
    const waiting = probeHardwareWithDisk(hints, log, root, timeoutMs);
    await sleep(1_200);
    await addLate();
    const { disks } = await waiting;
    await probeHardwareWithDisk(hints, log, root, timeoutMs);

    assert.deepEqual(
      [none.disks, disks].map((found) => found.map(({ name }) => name)),
      [['sda'], ['sda', 'sdb']],
    );
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', / info test no disk to install to; waiting for one /);
  });
}

test('a kernel that cannot mount what is going to be made is refused', async (context) => {
  const known = 'nodev\tsysfs\nnodev\ttmpfs\n\text4\n\tvfat\n';
  await requireFileSystems(await fakeRoot(context, { 'proc/filesystems': known }));

  for (const [without, text] of [
    ['vfat', known.replace('\tvfat\n', '')],
    ['ext4', known.replace('ext4', 'ext3')],
    ['ext4 and vfat', 'nodev\tsysfs\n'],
  ] as const) {
    await assert.rejects(
      requireFileSystems(await fakeRoot(context, { 'proc/filesystems': text })),
      (error: unknown) =>
        error instanceof InputError && error.message.includes(`the kernel of this machine cannot mount ${without};`),
    );
  }
});
