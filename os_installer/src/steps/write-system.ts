import { guestName } from '@pxeboot/config/definitions/guest-name';

import type { Context, Site } from '../context.ts';
import { containerMarks } from '../distro/container-marks.ts';
import type { SystemFile } from '../distro/distro.ts';
import type { Identity } from '../distro/identities.ts';
import { identities } from '../distro/identities.ts';
import type { FileSystemIds } from '../plan/facts.ts';
import type { Command } from './shared/command.ts';
import { commandLines, minutes } from './shared/command.ts';
import type { StepDefinition } from './shared/definition.ts';
import { lookInside } from './shared/hints.ts';
import { matchingPaths } from './shared/matching.ts';
import { repairDirectories } from './shared/repair-directories.ts';

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

/** fstab, host name, GRUB's settings; and an identity that is made again at the first boot: every system installed from
 * the same tarball would otherwise have the same machine-id (machine-id(5)), SSH host keys, and what else is in `identities`. */
export const writeSystem: StepDefinition<WriteSystem> = {
  plan: ({ config, distro, ids, kernelArgs }) => ({
    hostname: guestName(config.vm),
    fstab: fstab(ids),
    bootSettings: distro.bootSettings({ rootUuid: ids.rootUuid, kernelArgs }),
  }),

  describe: () => 'write fstab, host name and a blank identity',

  lines: ({ hostname, bootSettings }, { target }) => [
    `(if they have others) give ${target}/, etc, usr, var, tmp and var/tmp to root, with their usual modes`,
    ...containerMarks.map((path) => `remove ${target}/${path}`),
    `write ${target}/etc/fstab`,
    ...(hostname === '' ? [] : [`write ${target}/etc/hostname`]),
    ...bootSettings.map(({ path, append }) => `${append === true ? 'append to' : 'write'} ${target}/${path}`),
    `write ${target}/${networkdFile}`,
    `empty ${target}/etc/machine-id`,
    ...identities.map((identity) => identityLine(identity, target)),
    ...commandLines({ makeHostKeys: makeHostKeys({ target }) }),
  ],

  hints: (_step, root) => lookInside(root, 'etc/os-release'),

  async run(step, { system, log, warn, run, site }) {
    await repairDirectories({ system, warn });
    for (const path of containerMarks) await system.remove(path);
    await system.write('etc/fstab', step.fstab);
    if (step.hostname !== '') await system.write('etc/hostname', `${step.hostname}\n`);
    for (const file of step.bootSettings) await writeSetting(file, system);
    await system.write(networkdFile, networkd);
    await system.write('etc/machine-id', '');
    const blanked = (await Promise.all(identities.map((identity) => blank(identity, system)))).flat();
    if (blanked.length > 0) log.info('identity of another machine removed', { paths: blanked.join(' ') });
    const makesKeys = !(await system.has('usr/bin/cloud-init')) && (await system.isFile('usr/bin/ssh-keygen'));
    if (makesKeys) await run(makeHostKeys(site));
  },
};

/** cloud-init makes the keys of sshd at the first boot; without it nothing may, and sshd would not start. */
function makeHostKeys({ target }: Pick<Site, 'target'>): Command {
  return {
    file: 'chroot',
    args: [target, 'ssh-keygen', '-A'],
    timeoutMs: 5 * minutes,
    only: 'if there is ssh-keygen and no cloud-init',
  };
}

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

function identityLine({ pattern, instead, onlyWith }: Identity, target: string): string {
  const only = onlyWith === undefined ? '' : `(if there is ${target}/${onlyWith}) `;
  return `${only}${instead === undefined ? 'remove' : 'write'} ${target}/${pattern}`;
}

/** @returns what was there */
async function blank({ pattern, instead, onlyWith }: Identity, system: Context['system']): Promise<string[]> {
  if (onlyWith !== undefined && !(await system.has(onlyWith))) return [];
  const paths = await matchingPaths(system, pattern);
  for (const path of paths) await (instead === undefined ? system.remove(path) : system.write(path, instead));
  return paths;
}
