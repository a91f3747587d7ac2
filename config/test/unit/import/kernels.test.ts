import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseModules, parseModuleFolders } from '../../../import/decide/installer-modules.ts';
import type { KernelFolder } from '../../../import/decide/kernels.ts';
import { chooseKernel } from '../../../import/decide/kernels.ts';

function folder(release: string, ...names: readonly string[]): KernelFolder {
  return { release, folder: `/lib/modules/${release}`, names: ['kernel', ...names] };
}

test('the newest kernel with modules is taken, by its number and not by its spelling', () => {
  const releases = ['6.8.0-9-generic', '6.8.0-87-generic', '6.8.0-100-generic'];
  const boot = [...releases.slice(0, 2), '7.0.0-1-generic'].map((release) => `vmlinuz-${release}`);

  assert.deepEqual(
    chooseKernel(
      [...boot, 'initrd.img-6.8.0-87-generic', 'vmlinuz-6.8.0-87-generic.old'],
      releases.map((release) => folder(release)),
    ),
    {
      release: '6.8.0-87-generic',
      kernel: '/boot/vmlinuz-6.8.0-87-generic',
      initrd: '/boot/initrd.img-6.8.0-87-generic',
    },
  );
});

test('Fedora: its rescue kernel has no modules; its initrd has another name; kernel and initrd may be next to the modules', () => {
  const release = '6.8.5-301.fc40.x86_64';
  const boot = [
    `vmlinuz-${release}`,
    `initramfs-${release}.img`,
    'vmlinuz-0-rescue-0c1d',
    'initramfs-0-rescue-0c1d.img',
  ];

  assert.deepEqual(chooseKernel(boot, [folder(release, 'vmlinuz')]), {
    release,
    kernel: `/boot/vmlinuz-${release}`,
    initrd: `/boot/initramfs-${release}.img`,
  });
  assert.deepEqual(chooseKernel([], [folder(release, 'vmlinuz')]), {
    release,
    kernel: `/lib/modules/${release}/vmlinuz`,
    initrd: undefined,
  });
  assert.equal(
    chooseKernel([], [folder(release, 'vmlinuz', 'initramfs.img')])?.initrd,
    `/lib/modules/${release}/initramfs.img`,
  );
  assert.equal(chooseKernel(['vmlinuz-0-rescue-0c1d'], [folder(release)]), undefined);
});

test('modules of the folders are chosen with all that they need, however they are packed', () => {
  const dep = [
    'kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/jbd2/jbd2.ko.xz',
    'kernel/fs/jbd2/jbd2.ko.xz:',
    'kernel/drivers/net/tun.ko.xz:',
    'kernel/drivers/net/wireless/ath/ath.ko.xz: kernel/net/wireless/cfg80211.ko.xz',
    'kernel/sound/snd.ko.xz:',
  ].join('\n');

  assert.deepEqual(chooseModules(dep, parseModuleFolders('# why\nfs/ext4\n\ndrivers/net\n')), [
    'kernel/drivers/net/tun.ko.xz',
    'kernel/fs/ext4/ext4.ko.xz',
    'kernel/fs/jbd2/jbd2.ko.xz',
    'kernel/lib/crc16.ko.xz',
  ]);
});
