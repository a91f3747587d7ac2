import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { chooseDistro } from '../../src/distro/detect.ts';
import { planForDistro } from '../../src/plan.ts';
import { bootLoader } from '../../src/steps/boot-loader.ts';
import { plan, stepIn } from '../unit/sample-machine.ts';
import { chrootNeeds, systemWith } from './support/chroot.ts';
import type { ObservedInstallation } from './support/installation.ts';
import { installationInto } from './support/installation.ts';
import { debian, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

const esp = 'boot/efi/pxeboot-unfinished/EFI';
const uuid = '0e2d9d0c-1111-4222-8333-444455556666';
const stub = (directory: string): string =>
  `search --no-floppy --fs-uuid --set=root ${uuid}\nset prefix=($root)/${directory}\nconfigfile $prefix/grub.cfg\n`;
const signedGrub = (directory: string): string => `MZ\0/EFI/BOOT\0\0(\0/EFI/${directory}\0\0`;

/** The signed loaders as Ubuntu's packages have them: shim is a link by update-alternatives. */
const ubuntu = {
  'etc/os-release': 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
  'usr/lib/shim/shimx64.efi.signed.latest': 'SHIM',
  'usr/lib/shim/mmx64.efi': 'MM',
  'usr/lib/shim/fbx64.efi': 'FALLBACK',
  'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed': signedGrub('ubuntu'),
  'usr/sbin/update-grub': '#!/bin/sh\n',
};

async function ubuntuRoot(context: TestContext): Promise<string> {
  const root = await writeTree(context, ubuntu);
  await mkdir(join(root, 'etc/alternatives'));
  await symlink('/etc/alternatives/shim', join(root, 'usr/lib/shim/shimx64.efi.signed'));
  await symlink('/usr/lib/shim/shimx64.efi.signed.latest', join(root, 'etc/alternatives/shim'));
  return root;
}

const text = (root: string, path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** An installation whose GRUB is a file of the test's, on a machine whose firmware answers as efibootmgr would. */
async function onFirmware(
  context: TestContext,
  root: string,
  list = '',
): Promise<ObservedInstallation & { called: string[] }> {
  const efivars = await writeTree(context, { 'Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c': 'x' });
  const own = await writeTree(context, { 'grub.efi': 'OWN' });
  const installation = installationInto(root, { efivars, ownGrub: join(own, 'grub.efi') });
  const called: string[] = [];
  return {
    ...installation,
    called,
    run: (command) => {
      if (command.file !== 'efibootmgr') return installation.run(command);
      called.push(command.args.join(' '));
      return Promise.resolve(command.args.length === 0 ? list : '');
    },
  };
}

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
