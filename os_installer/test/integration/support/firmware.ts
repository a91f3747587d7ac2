import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { ObservedInstallation } from './installation.ts';
import { installationInto } from './installation.ts';
import { writeTree } from './tree.ts';

/** Where the loaders wait for the last step. */
export const esp = 'boot/efi/pxeboot-unfinished/EFI';
/** Of the root file system in the sample plan. */
export const uuid = '0e2d9d0c-1111-4222-8333-444455556666';
/** The grub.cfg of an ESP. */
export const stub = (directory: string): string =>
  `search --no-floppy --fs-uuid --set=root ${uuid}\nset prefix=($root)/${directory}\nconfigfile $prefix/grub.cfg\n`;
/** A GRUB that looks for its configuration in this directory of the ESP. */
export const signedGrub = (directory: string): string => `MZ\0/EFI/BOOT\0\0(\0/EFI/${directory}\0\0`;

/** The signed loaders as Ubuntu's packages have them: shim is a link by update-alternatives. */
export const ubuntu = {
  'etc/os-release': 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
  'usr/lib/shim/shimx64.efi.signed.latest': 'SHIM',
  'usr/lib/shim/mmx64.efi': 'MM',
  'usr/lib/shim/fbx64.efi': 'FALLBACK',
  'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed': signedGrub('ubuntu'),
  'usr/sbin/update-grub': '#!/bin/sh\n',
};

/** A root file system with them. */
export async function ubuntuRoot(context: TestContext): Promise<string> {
  const root = await writeTree(context, ubuntu);
  await mkdir(join(root, 'etc/alternatives'));
  await symlink('/etc/alternatives/shim', join(root, 'usr/lib/shim/shimx64.efi.signed'));
  await symlink('/usr/lib/shim/shimx64.efi.signed.latest', join(root, 'etc/alternatives/shim'));
  return root;
}

/** The text of a file of a root file system. */
export const text = (root: string, path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** An installation whose GRUB is a file of the test's, on a machine whose firmware answers as efibootmgr would. */
export async function onFirmware(
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
