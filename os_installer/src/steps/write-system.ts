import { guestName } from '@pxeboot/config/definitions/guest-name';

import type { SystemFile } from '../distro/distro.ts';
import type { Context } from '../context.ts';
import type { FileSystemIds } from '../plan/facts.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';

export interface WriteSystem {
  /** Empty: what the tarball has stays. */
  hostname: string;
  fstab: string;
  /** What keeps root and arguments of later kernels. */
  bootSettings: SystemFile[];
}

/** networkd.conf(5). By default the DUID comes from the machine-id, and dnsmasq keeps an address for the DUID that had it
 * last: a system installed anew would get another address than its definition's until that lease ends. */
const networkdFile = 'etc/systemd/networkd.conf.d/90-pxeboot.conf';
const networkd = '[DHCPv6]\nDUIDType=link-layer\n';

/** fstab, host name, GRUB's settings; and an identity that is made anew at the first boot: every system installed from
 * the same tarball would otherwise have the same machine-id (machine-id(5)) and the same SSH host keys. */
export const writeSystem: StepDefinition<WriteSystem> = {
  plan: ({ config, distro, ids, kernelArgs }) => ({
    hostname: guestName(config.vm),
    fstab: fstab(ids),
    bootSettings: distro.bootSettings({ rootUuid: ids.rootUuid, kernelArgs }),
  }),

  describe: () => 'write fstab, host name and a blank identity',

  lines: ({ hostname, bootSettings }, { target }) => [
    `write ${target}/etc/fstab`,
    ...(hostname === '' ? [] : [`write ${target}/etc/hostname`]),
    ...bootSettings.map(({ path, append }) => `${append === true ? 'append to' : 'write'} ${target}/${path}`),
    `write ${target}/${networkdFile}`,
    `empty ${target}/etc/machine-id`,
    `remove ${target}/var/lib/dbus/machine-id`,
    `remove ${target}/etc/ssh/ssh_host_*`,
  ],

  hints: (_step, root) => lookInside(root, 'etc/os-release'),

  async run(step, { system }) {
    await system.write('etc/fstab', step.fstab);
    if (step.hostname !== '') await system.write('etc/hostname', `${step.hostname}\n`);
    for (const file of step.bootSettings) await writeSetting(file, system);
    await system.write(networkdFile, networkd);
    await system.write('etc/machine-id', '');
    await system.remove('var/lib/dbus/machine-id');
    await removeHostKeys(system);
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

async function writeSetting({ path, text, append }: SystemFile, system: Context['system']): Promise<void> {
  const before = append === true ? ((await system.read(path)) ?? '') : '';
  await system.write(path, before === '' ? text : `${before.trimEnd()}\n\n${text}`);
}

async function removeHostKeys(system: Context['system']): Promise<void> {
  const keys = (await system.list('etc/ssh')).filter((name) => name.startsWith('ssh_host_'));
  for (const name of keys) await system.remove(`etc/ssh/${name}`);
}
