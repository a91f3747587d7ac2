import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Disk, HardwareFacts } from '../../contract/hardware-facts.ts';
import { cutFacts, parseHardwareFacts } from '../../contract/hardware-facts.ts';
import { parseInstallerConfig } from '../../contract/installer-config.ts';
import { parseStatusEvent } from '../../contract/status-event.ts';
import { describeFault } from '../../kit/fault.ts';

const contract = {
  cloud_init_url: 'http://192.168.105.1/cloud-init/web1/',
  distro: 'debian-12',
  arch: 'aarch64',
  rootfs_url: 'http://192.168.105.1/images/debian-12/aarch64/rootfs.tar.gz',
  kmods_url: 'http://192.168.105.1/images/debian-12/aarch64/modules.cpio.gz',
  kernel_url: 'http://192.168.105.1/images/debian-12/aarch64/vmlinuz-6.1',
  reboot_on_success: true,
};

test("the contract's seven fields make a complete configuration", () => {
  assert.deepEqual(parseInstallerConfig('config', JSON.stringify(contract)), {
    ok: true,
    value: {
      ...contract,
      cloud_init_url: 'http://192.168.105.1/cloud-init/web1',
      vm: '',
      mac: '',
      status_url: '',
      console: 'ttyAMA0',
      kernel_args: [],
      disk: {},
      initramfs: 'auto',
      selinux: 'image',
      once: false,
      reinstall_token: '',
    },
  });
});

test('a URL that is none and a missing field are both told', () => {
  const parsed = parseInstallerConfig(
    'config',
    JSON.stringify({ ...contract, rootfs_url: 'ftp://x/rootfs', kernel_url: undefined }),
  );

  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.faults.map(describeFault).toSorted(), [
    'config /kernel_url: is missing; add "kernel_url", an http URL',
    'config /rootfs_url "ftp://x/rootfs": is not valid; expected an http URL',
  ]);
});

test('an event is taken as it is', () => {
  const event = { seq: 1, at: '2026-01-01T00:00:00.000Z', step: 'unpack', state: 'progress', bytes: 10, total: 20 };

  assert.deepEqual(parseStatusEvent('POST', JSON.stringify(event)), { ok: true, value: event });
});

test('an event of an unknown state, or with a field that is not known, is refused', () => {
  const event = { seq: 0, at: '', step: 'unpack', state: 'done', secret: 1 };
  const parsed = parseStatusEvent('POST', JSON.stringify(event));

  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.faults.map(({ path }) => path).toSorted(), ['/secret', '/seq', '/state']);
});

const disk: Disk = {
  name: 'vda',
  path: '/dev/vda',
  links: ['/dev/disk/by-path/pci-0000:00:02.0'],
  sizeBytes: 2 ** 33,
  logicalSectorBytes: 512,
  transport: 'virtio',
  removable: false,
  readOnly: false,
  model: '',
  serial: '',
  wwn: '',
  uses: [],
};
const facts: HardwareFacts = {
  disks: [disk],
  uefi: true,
  memoryBytes: 2 ** 30,
  availableMemoryBytes: 2 ** 29,
  kernelRelease: '6.1.0-56-cloud-amd64',
};

function withFacts(given: unknown): string {
  const event = { seq: 2, at: '2026-01-01T00:00:00.000Z', step: 'prepare', state: 'progress', facts: given };
  return JSON.stringify(event);
}

test('an event brings facts of the shape that they have, and says of others where they have not', () => {
  const good = parseStatusEvent('POST', withFacts(facts));
  const bad = parseStatusEvent('POST', withFacts({ ...facts, disks: [disk, { ...disk, transport: 'pigeon' }] }));

  assert.ok(good.ok);
  assert.deepEqual(good.value.facts, facts);
  assert.ok(!bad.ok);
  assert.deepEqual(bad.faults.map(describeFault), [
    'POST /facts/disks/1/transport "pigeon": is none of the possible values; ' +
      'use one of "virtio", "xen", "nvme", "sata", "scsi", "mmc", "usb", "other"',
  ]);
});

test('what a newer installer says of a machine is left out, and what is known of it is kept', () => {
  const newer = { ...facts, disks: [{ ...disk, firmware: ['1.0'] }], numaNodes: [[[]]] };
  const text = withFacts(newer).replace('"uefi"', '"__proto__":{"uefi":false},"uefi"');

  const parsed = parseStatusEvent('POST', text);

  assert.ok(parsed.ok);
  assert.deepEqual(Object.keys(parsed.value.facts ?? {}), Object.keys(facts));
  assert.deepEqual(parsed.value.facts, facts);
});

test('the names that Linux gives to disks are taken', () => {
  for (const name of ['vda', 'nvme0n1', 'mmcblk0', 'xvda', 'pmem0.1', 'pmem0s', 'cciss!c0d0', 'ubiblock0_0', 'dasda']) {
    const parsed = parseHardwareFacts('facts', { ...facts, disks: [{ ...disk, name, path: `/dev/${name}` }] });
    assert.deepEqual(parsed.ok ? [] : parsed.faults, [], name);
  }
});

test('the longest that a real disk says of itself is taken, and longer is not', () => {
  const longest: Disk = {
    ...disk,
    links: Array.from({ length: 64 }, () => `/dev/disk/by-diskseq/${'n'.repeat(255)}`),
    model: 'm'.repeat(40),
    serial: 's'.repeat(251),
    wwn: `nvme.1b36-${'0'.repeat(40)}-${'0'.repeat(80)}-00000001`,
    sizeBytes: 2 ** 63,
  };
  const long: [keyof Disk, unknown][] = [
    ['name', 'n'.repeat(33)],
    ['path', `/dev/${'n'.repeat(60)}`],
    ['links', [...longest.links, '/dev/x']],
    ['links', ['n'.repeat(277)]],
    ['model', 'm'.repeat(256)],
    ['serial', 's'.repeat(256)],
    ['wwn', 'w'.repeat(256)],
    ['uses', Array.from({ length: 65 }, () => 'x')],
    ['uses', ['x'.repeat(513)]],
    ['sizeBytes', 1e20],
  ];

  assert.ok(parseHardwareFacts('facts', { ...facts, disks: [longest], kernelRelease: 'r'.repeat(64) }).ok);
  assert.ok(!parseHardwareFacts('facts', { ...facts, kernelRelease: 'r'.repeat(65) }).ok);
  for (const [field, value] of long) {
    assert.ok(!parseHardwareFacts('facts', { ...facts, disks: [{ ...disk, [field]: value }] }).ok, field);
  }
});

test('facts beyond the limits are cut to them', () => {
  const beyond: Disk = {
    ...disk,
    links: ['n'.repeat(300), ...Array.from({ length: 70 }, (_, n) => `/dev/disk/by-id/${n}`)],
    model: '💾'.repeat(300),
    serial: 's'.repeat(65_000),
    uses: Array.from({ length: 100 }, (_, n) => `/dev/vda1 is mounted on /${n}${'/deep'.repeat(800)}`),
  };

  const cut = cutFacts({ ...facts, disks: [beyond, disk], kernelRelease: 'r'.repeat(100) });

  const [first = assert.fail(), second] = cut.disks;
  assert.deepEqual(parseHardwareFacts('facts', cut), { ok: true, value: cut });
  assert.deepEqual(second, disk);
  assert.deepEqual([first.links[0], first.links.length], ['/dev/disk/by-id/0', 64]);
  assert.equal(first.serial, `${'s'.repeat(254)}…`);
  assert.deepEqual([first.uses.length, first.uses.at(-1)], [64, 'and 37 more']);
  assert.equal(cut.kernelRelease, `${'r'.repeat(63)}…`);
});
