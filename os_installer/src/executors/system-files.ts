import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { InputError } from '@pxeboot/config/kit/errors';

import { familyFromOsRelease } from '../distro/family.ts';
import type { Installation } from '../installation.ts';
import type { StepOf } from '../steps.ts';

/** Of several files that set the same, cloud-init takes the one whose name sorts last. Ubuntu's package writes a list of its own
 * to 90_dpkg.cfg, images bring theirs in 91-….cfg to 99_….cfg. */
const cloudInitFile = 'etc/cloud/cloud.cfg.d/zz-pxeboot.cfg';

/** The seed where cloud-init's NoCloud source looks first, in place of what the tarball may have there, and no other source but it. */
export async function writeSeed(step: StepOf<'write-seed'>, { target, log }: Installation): Promise<void> {
  const cloudInit = join(target, 'usr/bin/cloud-init');
  if (!(await stat(cloudInit).catch(() => undefined))) {
    log.warn('the root file system has no cloud-init: nobody will be able to log in with the key of the definition');
  }
  const directory = join(target, 'var/lib/cloud/seed/nocloud-net');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const { name, content } of step.files) await writeFile(join(directory, name), content, { mode: 0o600 });
  await put(target, cloudInitFile, 'datasource_list: [ NoCloud, None ]\n');
}

/** networkd.conf(5). By default the DUID comes from the machine-id, and dnsmasq keeps an address for the DUID that had it
 * last: a system installed anew would get another address than its definition's until that lease ends. */
const networkdFile = 'etc/systemd/networkd.conf.d/90-pxeboot.conf';
const networkd = '[DHCPv6]\nDUIDType=link-layer\n';

/** fstab, host name, GRUB's settings; and an identity that is made anew at the first boot: every system installed from
 * the same tarball would otherwise have the same machine-id (machine-id(5)) and the same SSH host keys. */
export async function writeSystem(step: StepOf<'write-system'>, { target }: Installation): Promise<void> {
  familyFromOsRelease(await readOsRelease(target));
  await put(target, 'etc/fstab', step.fstab);
  if (step.hostname !== '') await put(target, 'etc/hostname', `${step.hostname}\n`);
  await put(target, 'etc/default/grub.d/90-pxeboot.cfg', step.grubDefaults);
  await put(target, networkdFile, networkd);
  await put(target, 'etc/machine-id', '');
  await rm(join(target, 'var/lib/dbus/machine-id'), { force: true });
  const ssh = join(target, 'etc/ssh');
  const keys = (await readdir(ssh).catch(() => [])).filter((name) => name.startsWith('ssh_host_'));
  await Promise.all(keys.map((name) => rm(join(ssh, name))));
}

/** The text of the new system's /etc/os-release.
 * @throws InputError it has none: this is no root file system */
export async function readOsRelease(target: string): Promise<string> {
  try {
    return await readFile(join(target, 'etc/os-release'), 'utf8');
  } catch (cause) {
    throw new InputError('read /etc/os-release of what was unpacked: it has none, so it is no root file system', {
      cause,
    });
  }
}

async function put(target: string, path: string, content: string): Promise<void> {
  const file = join(target, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
