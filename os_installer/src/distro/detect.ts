import type { Family } from '@pxeboot/config/definitions/distro-family';
import { families, familyMembers, familyOf } from '@pxeboot/config/definitions/distro-family';
import { InputError } from '@pxeboot/config/kit/errors';
import type { OsRelease } from '@pxeboot/config/kit/os-release';

import { debian } from './debian.ts';
import type { Distro } from './distro.ts';
import { fedora } from './fedora.ts';

/** How each family is made bootable. */
const distros: Readonly<Record<Family, Distro>> = { debian, fedora };

/** What is planned for a root file system: as the server found it. One that nobody has looked into yet is taken for Debian's, and its
 * /etc/os-release decides after unpacking. */
export function chooseDistro(family: Family | undefined): Distro {
  return distros[family ?? 'debian'];
}

/** The family of an unpacked system.
 * @throws InputError it is of none that can be installed */
export function requireDistro(osRelease: OsRelease): Distro {
  const family = familyOf(osRelease);
  if (family !== undefined) return distros[family];
  const names = families.flatMap((one) => familyMembers[one].names).join(', ');
  throw new InputError(
    `read /etc/os-release of the root file system: ID "${osRelease.id}" is of no family that can be installed; ` +
      `use a root file system of one of these: ${names}`,
  );
}
