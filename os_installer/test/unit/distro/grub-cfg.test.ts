import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grubCfg } from '../../../src/distro/grub-cfg.ts';

test('grub.cfg boots the kernel of the root file system, found by its UUID', () => {
  const text = grubCfg({
    title: "Debian's own",
    rootUuid: '0e2d9d0c-1111-4222-8333-444455556666',
    kernel: 'boot/vmlinuz-6.1.0-56-cloud-amd64',
    initrd: 'boot/initrd.img-6.1.0-56-cloud-amd64',
    kernelArgs: ['console=ttyS0,115200', 'a=$(b);c'],
  });

  assert.equal(
    text,
    `# Written by the installer, and again when the system gets another kernel.
set default=0
set timeout=1
insmod part_gpt
insmod gzio
insmod ext2
search --no-floppy --fs-uuid --set=root 0e2d9d0c-1111-4222-8333-444455556666

menuentry 'Debians own' {
	linux /boot/vmlinuz-6.1.0-56-cloud-amd64 root=UUID=0e2d9d0c-1111-4222-8333-444455556666 ro console=ttyS0,115200 'a=$(b);c'
	initrd /boot/initrd.img-6.1.0-56-cloud-amd64
}
`,
  );
});
