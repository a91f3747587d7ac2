import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { bootLoader } from '../../src/steps/boot-loader.ts';
import { chrootNeeds, systemWith } from './support/chroot.ts';
import { ubuntu, ubuntuRoot, text, onFirmware } from './support/firmware.ts';
import { debian, stepOf } from './support/planned.ts';

const hookNeeds = { ...chrootNeeds, ...needs('grub-script-check') };

test(
  'a system without a program for that writes grub.cfg again for each kernel, the newest first',
  hookNeeds,
  async (context) => {
    const root = await systemWith(
      context,
      { ...debian, 'etc/os-release': 'ID=debian\nPRETTY_NAME="My Linux"\n' },
      'boot/vmlinuz-6.9',
      'x',
    );
    for (const applet of ['cat', 'ls', 'grep', 'sort', 'tr', 'mv', 'sync'])
      await symlink('/usr/bin/busybox', join(root, 'bin', applet));
    await bootLoader.run(stepOf('boot-loader'), await onFirmware(context, root));
    for (const [path, content] of Object.entries({
      'etc/kernel/cmdline': 'root=UUID=NEW ro quiet\n',
      'boot/vmlinuz-6.10': 'x',
      'boot/vmlinuz-6.11': 'x',
      'boot/initrd.img-6.9': 'x',
      'boot/initramfs-6.10.img': 'x',
      'boot/vmlinuz-0-rescue-1234': 'x',
      'boot/initramfs-0-rescue-1234.img': 'x',
    })) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }

    for (const hook of ['etc/kernel/postinst.d/zz-pxeboot', 'etc/kernel/install.d/99-pxeboot.install']) {
      await run('chroot', [root, `/${hook}`, 'add', '6.11'], { timeoutMs: 20_000 });
    }

    const config = await text(root, 'boot/grub/grub.cfg');
    assert.deepEqual(
      [...config.matchAll(/^\t(?:linux|initrd) .*$/gm)].map(([line]) => line.trim()),
      [
        'linux /boot/vmlinuz-6.10 root=UUID=NEW ro quiet',
        'initrd /boot/initramfs-6.10.img',
        'linux /boot/vmlinuz-6.9 root=UUID=NEW ro quiet',
        'initrd /boot/initrd.img-6.9',
        'linux /boot/vmlinuz-0-rescue-1234 root=UUID=NEW ro quiet',
        'initrd /boot/initramfs-0-rescue-1234.img',
      ],
    );
    assert.match(config, /^menuentry 'My Linux, 6\.10' \{$/m);
    await run('grub-script-check', [join(root, 'boot/grub/grub.cfg')], { timeoutMs: 20_000 });
  },
);

test(
  'a kernel that is removed and was the last one is no failure of its package, and grub.cfg stays',
  chrootNeeds,
  async (context) => {
    const root = await systemWith(context, debian, 'boot/README', 'x');
    for (const applet of ['cat', 'ls', 'grep', 'sort', 'tr', 'mv', 'sync', 'rm']) {
      await symlink('/usr/bin/busybox', join(root, 'bin', applet));
    }
    await bootLoader.run(stepOf('boot-loader'), await onFirmware(context, root));
    const before = await text(root, 'boot/grub/grub.cfg');
    await writeFile(join(root, 'etc/kernel/cmdline'), 'root=UUID=NEW ro\n');

    await run('chroot', [root, '/etc/kernel/postrm.d/zz-pxeboot', '6.1'], { timeoutMs: 20_000 });

    assert.equal(await text(root, 'boot/grub/grub.cfg'), before);
    assert.deepEqual(await readdir(join(root, 'boot/grub')), ['grub.cfg']);
  },
);

test('a system with its own program for that gets no hook of ours', async (context) => {
  const root = await ubuntuRoot(context);

  await bootLoader.run(stepOf('boot-loader'), await onFirmware(context, root));

  await assert.rejects(stat(join(root, 'usr/local/libexec/pxeboot/write-grub-cfg')), { code: 'ENOENT' });
});

test(
  'loaders that packages replace are copied to the ESP, and others there are left alone',
  chrootNeeds,
  async (context) => {
    const root = await systemWith(context, ubuntu, 'usr/bin/mountpoint', '#!/bin/sh\nexit 0\n');
    for (const applet of ['cmp', 'cp', 'mv', 'rm', 'sync'])
      await symlink('/usr/bin/busybox', join(root, 'usr/bin', applet));
    await bootLoader.run(stepOf('boot-loader'), await onFirmware(context, root));
    await run('sh', ['-c', 'mv "$1/pxeboot-unfinished/EFI" "$1/EFI"', 'sh', join(root, 'boot/efi')], {
      timeoutMs: 5000,
    });
    await writeFile(join(root, 'usr/lib/shim/shimx64.efi.signed.latest'), 'NEW SHIM');
    const refresh = 'usr/local/libexec/pxeboot/refresh-esp';
    await chmod(join(root, refresh), 0o755);

    await run('chroot', [root, `/${refresh}`], { timeoutMs: 20_000 });

    assert.equal(await text(root, 'boot/efi/EFI/BOOT/BOOTX64.EFI'), 'NEW SHIM');
    assert.equal(await text(root, 'boot/efi/EFI/ubuntu/shimx64.efi'), 'NEW SHIM');
    assert.deepEqual(await readdir(join(root, 'boot/efi/EFI')), ['BOOT', 'ubuntu']);
    assert.equal(
      await text(root, 'etc/dpkg/dpkg.cfg.d/pxeboot'),
      `# Written by the installer.\npost-invoke=/${refresh} || true\n`,
    );
  },
);
