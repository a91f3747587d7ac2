import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { requireFamily } from '../distro/detect.ts';
import type { FileSystemIds } from '../plan/facts.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { put, readOsRelease } from './shared/new-system.ts';

export interface WriteSystem {
  /** Empty: what the tarball has stays. */
  hostname: string;
  fstab: string;
  /** Settings of the boot loader. */
  grubDefaults: string;
  /** Where they are, without the first slash. */
  defaultsPath: string;
  /** The rest of the plan is only for systems of this family. */
  family: string;
}

/** networkd.conf(5). By default the DUID comes from the machine-id, and dnsmasq keeps an address for the DUID that had it
 * last: a system installed anew would get another address than its definition's until that lease ends. */
const networkdFile = 'etc/systemd/networkd.conf.d/90-pxeboot.conf';
const networkd = '[DHCPv6]\nDUIDType=link-layer\n';

/** fstab, host name, GRUB's settings; and an identity that is made anew at the first boot: every system installed from
 * the same tarball would otherwise have the same machine-id (machine-id(5)) and the same SSH host keys. */
export const writeSystem: StepDefinition<WriteSystem> = {
  plan: ({ config, distro, ids, kernelArgs }) => {
    const { path, text } = distro.bootDefaults(kernelArgs);
    const { family } = distro;
    return { hostname: config.vm, fstab: fstab(ids), grubDefaults: text, defaultsPath: path, family };
  },

  describe: () => 'write fstab, host name and a blank identity',

  lines: ({ hostname, defaultsPath }, { target }) => [
    `write ${target}/etc/fstab`,
    ...(hostname === '' ? [] : [`write ${target}/etc/hostname`]),
    `write ${target}/${defaultsPath}`,
    `write ${target}/${networkdFile}`,
    `empty ${target}/etc/machine-id`,
    `remove ${target}/var/lib/dbus/machine-id`,
    `remove ${target}/etc/ssh/ssh_host_*`,
  ],

  hints: (_step, root) => lookInside(root, 'etc/os-release'),

  async run(step, { site }) {
    const { target } = site;
    requireFamily(await readOsRelease(target), step.family);
    await put(target, 'etc/fstab', step.fstab);
    if (step.hostname !== '') await put(target, 'etc/hostname', `${step.hostname}\n`);
    await put(target, step.defaultsPath, step.grubDefaults);
    await put(target, networkdFile, networkd);
    await put(target, 'etc/machine-id', '');
    await rm(join(target, 'var/lib/dbus/machine-id'), { force: true });
    await removeHostKeys(join(target, 'etc/ssh'));
  },
};

function fstab({ rootUuid, espVolumeId }: FileSystemIds): string {
  const espUuid = `${espVolumeId.slice(0, 4)}-${espVolumeId.slice(4)}`;
  return [
    '# Written by the installer. See fstab(5).',
    `UUID=${rootUuid} / ext4 errors=remount-ro 0 1`,
    `UUID=${espUuid} /boot/efi vfat umask=0077 0 1`,
    '',
  ].join('\n');
}

async function removeHostKeys(directory: string): Promise<void> {
  const keys = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith('ssh_host_'));
  await Promise.all(keys.map((name) => rm(join(directory, name))));
}
