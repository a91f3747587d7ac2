import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { chooseDistro } from '../../src/distro/detect.ts';
import { planForDistro } from '../../src/plan.ts';
import { bootLoader } from '../../src/steps/boot-loader.ts';
import { plan, stepIn } from '../unit/sample-machine.ts';
import { chrootNeeds, systemWith } from './support/chroot.ts';
import { esp, uuid, stub, signedGrub, ubuntuRoot, text, onFirmware } from './support/firmware.ts';
import { installationInto } from './support/installation.ts';
import { debian, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

test('signed loaders are copied to where that GRUB looks, and under the removable path without the fallback program', async (context) => {
  const root = await ubuntuRoot(context);
  const installation = await onFirmware(context, root, 'Boot0003* ubuntu\tHD(1,GPT)\nBoot0004* ubuntu-old\tHD(2)\n');

  await bootLoader.run(stepOf('boot-loader'), installation);

  assert.deepEqual((await readdir(join(root, esp))).sort(), ['BOOT', 'ubuntu']);
  assert.deepEqual((await readdir(join(root, esp, 'BOOT'))).sort(), [
    'BOOTX64.EFI',
    'grub.cfg',
    'grubx64.efi',
    'mmx64.efi',
  ]);
  assert.deepEqual((await readdir(join(root, esp, 'ubuntu'))).sort(), [
    'grub.cfg',
    'grubx64.efi',
    'mmx64.efi',
    'shimx64.efi',
  ]);
  assert.equal(await text(root, `${esp}/BOOT/BOOTX64.EFI`), 'SHIM');
  assert.equal(await text(root, `${esp}/ubuntu/grub.cfg`), stub('boot/grub'));
  assert.deepEqual(installation.called, [
    '',
    '--quiet --delete-bootnum --bootnum 0003',
    String.raw`--quiet --create --disk /dev/vda --part 1 --label ubuntu --loader \EFI\ubuntu\shimx64.efi`,
  ]);
});

test('an image with a program of GRUB but without its modules for this firmware gets GRUB from the installer', async (context) => {
  const root = await writeTree(context, { ...debian, 'usr/sbin/grub-install': '#!/bin/false\n' });
  const installation = await onFirmware(context, root);

  await bootLoader.run(stepOf('boot-loader'), installation);

  assert.equal(await text(root, `${esp}/BOOT/BOOTX64.EFI`), 'OWN');
  assert.equal(await text(root, `${esp}/debian/grubx64.efi`), 'OWN');
  assert.equal(await text(root, `${esp}/BOOT/grub.cfg`), stub('boot/grub'));
  assert.equal(installation.called.at(-1)?.endsWith(String.raw`--label debian --loader \EFI\debian\grubx64.efi`), true);
});

test(
  'a program of GRUB that fails is warned about, and GRUB comes from the installer',
  chrootNeeds,
  async (context) => {
    const modules = { 'usr/lib/grub/x86_64-efi/modinfo.sh': 'x' };
    const script = '#!/bin/sh\necho "/usr/lib/grub: modinfo.sh does not exist" >&2; exit 1\n';
    const root = await systemWith(context, { ...debian, ...modules }, 'usr/sbin/grub-install', script);
    const installation = await onFirmware(context, root);

    await bootLoader.run(stepOf('boot-loader'), installation);

    assert.match(
      installation.lines.join('\n'),
      /warn test grub-install of the root file system failed: .*modinfo\.sh does not exist/,
    );
    assert.equal(await text(root, `${esp}/BOOT/BOOTX64.EFI`), 'OWN');
  },
);

test('signed loaders on the ESP that the image was made with are used, and nothing else of it is kept', async (context) => {
  const image = 'boot/efi-of-the-image/EFI';
  const root = await writeTree(context, {
    'etc/os-release': 'ID=fedora\n',
    [`${image}/BOOT/BOOTX64.EFI`]: 'SHIM',
    [`${image}/BOOT/fbx64.efi`]: 'FALLBACK',
    [`${image}/fedora/shimx64.efi`]: 'SHIM',
    [`${image}/fedora/mmx64.efi`]: 'MM',
    [`${image}/fedora/grubx64.efi`]: signedGrub('fedora'),
    [`${image}/fedora/grub.cfg`]: 'search --fs-uuid --set=dev OLD\n',
  });
  const { steps } = planForDistro(plan(), chooseDistro('fedora'));

  await bootLoader.run(stepIn(steps, 'boot-loader'), await onFirmware(context, root));

  assert.equal(await text(root, `${esp}/fedora/grub.cfg`), stub('boot/grub2'));
  assert.equal(await text(root, `${esp}/BOOT/BOOTX64.EFI`), 'SHIM');
  await assert.rejects(stat(join(root, 'boot/efi-of-the-image')), { code: 'ENOENT' });
  const refresh = await text(root, 'usr/local/libexec/pxeboot/refresh-esp');
  assert.match(refresh, /^refresh '\/boot\/efi\/EFI\/fedora\/grubx64\.efi' '\/boot\/efi\/EFI\/BOOT\/grubx64\.efi'$/m);
  assert.doesNotMatch(refresh, /of-the-image/);
});

test('firmware that takes no entry is warned about, and its reason told', async (context) => {
  const installation = installationInto(await ubuntuRoot(context), {
    efivars: await writeTree(context, { 'Boot0000-x': 'x' }),
  });

  await bootLoader.run(stepOf('boot-loader'), {
    ...installation,
    run: () => Promise.reject(new Error('No space left')),
  });

  assert.match(installation.lines.join('\n'), /warn test the firmware takes no boot entry: No space left/);
});

test('entries of the Boot Loader Specification name the new root, and paths below /boot', async (context) => {
  const path = 'boot/loader/entries/0123-6.8.5.conf';
  const root = await writeTree(context, {
    ...debian,
    [path]: [
      'title Fedora Linux (6.8.5)',
      'version 6.8.5',
      'linux /vmlinuz-6.8.5',
      'initrd /initramfs-6.8.5.img $tuned_initrd',
      'options root=UUID=OLD ro rootflags=subvol=root rhgb quiet',
      'grub_users $grub_users',
      '',
    ].join('\n'),
  });

  await bootLoader.run(stepOf('boot-loader'), await onFirmware(context, root));

  assert.equal(
    await text(root, path),
    `title Fedora Linux (6.8.5)
version 6.8.5
linux /boot/vmlinuz-6.8.5
initrd /boot/initramfs-6.8.5.img $tuned_initrd
grub_users $grub_users
options root=UUID=${uuid} ro console=ttyS0,115200
`,
  );
});
