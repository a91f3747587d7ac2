import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { InstalledSystem, Marker } from '../../../src/plan/marker.ts';
import { formatMarker, judgeInstalled, parseMarker } from '../../../src/plan/marker.ts';
import { config, plan } from '../sample-machine.ts';

const marker: Marker = {
  vm: 'web1',
  mac: '52:54:00:12:34:56',
  distro: 'debian-12',
  reinstall_token: '',
  installed_at: '2026-01-02T03:04:05.000Z',
};
const kept = { kind: 'keep', disk: '/dev/vda', installedAt: '2026-01-02T03:04:05.000Z' };

function judge(systems: InstalledSystem[], token = '', once = true): object {
  return judgeInstalled({ ...config, once, reinstall_token: token }, systems);
}

function system(given: Partial<Marker> = {}): InstalledSystem {
  return { disk: '/dev/vda', marker: { ...marker, ...given } };
}

test('a marker is read as it was written', () => {
  assert.deepEqual(parseMarker(formatMarker(marker)), marker);
});

test('what is no marker is not taken for one', () => {
  for (const text of ['', '{', 'null', '[]', '{}', '{"vm":"web1"}', formatMarker(marker).replace('"web1"', '1')]) {
    assert.equal(parseMarker(text), undefined, text);
  }
});

test('without install.once every machine is installed, whatever is on its disks', () => {
  assert.deepEqual(judge([system()], '', false), { kind: 'install' });
  assert.deepEqual(judge([{ disk: '/dev/vda', problem: 'unreadable' }], '', false), { kind: 'install' });
});

test('a system of this VM is kept: by its name, by its MAC, on whatever disk', () => {
  assert.deepEqual(judge([system()]), kept);
  assert.deepEqual(judge([system({ mac: '52:54:00:00:00:01' })]), kept);
  assert.deepEqual(judge([system({ vm: 'former-name' })]), kept);
  assert.deepEqual(judge([{ disk: '/dev/sda' }, system()]), kept);
});

test('a blank machine, a disk without marker and the system of another VM are installed', () => {
  assert.deepEqual(judge([]), { kind: 'install' });
  assert.deepEqual(judge([{ disk: '/dev/vda' }]), { kind: 'install' });
  assert.deepEqual(judge([system({ vm: 'web2', mac: '52:54:00:00:00:02' })]), { kind: 'install' });
});

test('a new reinstall token is done once: the system that was made for it is kept', () => {
  assert.deepEqual(judge([system()], 'token-1'), { kind: 'install' });
  assert.deepEqual(judge([system({ reinstall_token: 'token-1' })], 'token-1'), kept);
  assert.deepEqual(judge([system({ reinstall_token: 'token-1' })], 'token-2'), { kind: 'install' });
});

test('a system whose token file was removed is kept', () => {
  assert.deepEqual(judge([system({ reinstall_token: 'token-1' })], ''), kept);
});

test('a complete disk whose marker cannot be read is not touched, whatever is asked for: it may be done already', () => {
  const unread: InstalledSystem = { disk: '/dev/vda', problem: 'mount: wrong fs type' };

  const unsure = {
    kind: 'unsure',
    reason:
      'look for the marker of an earlier installation on /dev/vda: mount: wrong fs type; nothing was touched; ' +
      'to install all the same set "install.once" of "web1" to false until that is done',
  };
  assert.deepEqual(judge([unread]), unsure);
  assert.deepEqual(judge([unread], 'token-1'), unsure);
  assert.deepEqual(judge([{ ...system(), disk: '/dev/vdb' }, unread], 'token-1'), unsure);
  assert.deepEqual(judge([unread], 'token-1', false), { kind: 'install' });
  assert.deepEqual(judge([unread, { ...system(), disk: '/dev/vdb' }]), { ...kept, disk: '/dev/vdb' });
});

test('the plan writes who is installed and for which token, after the check and before the name', () => {
  const { steps, notes } = plan({ config: { once: true, reinstall_token: 'token-1' } });

  assert.deepEqual(steps.slice(-5), [
    {
      kind: 'verify',
      release: '6.1.0-56-cloud-amd64',
      removableLoader: 'BOOTX64.EFI',
      bootFiles: ['boot/grub/grub.cfg'],
      rootUuid: '0e2d9d0c-1111-4222-8333-444455556666',
      kernel: 'boot/vmlinuz-6.1.0-56-cloud-amd64',
      initrd: 'boot/initrd.img-6.1.0-56-cloud-amd64',
    },
    { kind: 'label', kernelArgs: ['console=ttyS0,115200'] },
    {
      kind: 'write-marker',
      marker: { vm: 'web1', mac: '52:54:00:12:34:56', distro: 'debian-12', reinstall_token: 'token-1' },
    },
    { kind: 'unmount' },
    { kind: 'mark-installed', disk: '/dev/vda', partition: 2, esp: '/dev/vda1' },
  ]);
  assert.match(
    notes[0] ?? '',
    /^install\.once: nothing of this happens on a machine that web1 is already installed on/,
  );
});
