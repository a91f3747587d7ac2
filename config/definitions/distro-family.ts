import type { Fault } from '../kit/fault.ts';
import type { OsRelease } from '../kit/os-release.ts';
import { showValue } from '../kit/text.ts';

/** Distributions that are made bootable in the same way. */
export const families = ['debian', 'fedora'] as const;
export type Family = (typeof families)[number];

/** Values of ID and ID_LIKE in /etc/os-release, with the names of the best known members for people. */
export const familyMembers: Readonly<Record<Family, { ids: readonly string[]; names: readonly string[] }>> = {
  debian: { ids: ['debian', 'ubuntu'], names: ['Debian', 'Ubuntu'] },
  fedora: {
    ids: ['fedora', 'rhel', 'centos', 'rocky', 'almalinux'],
    names: ['Fedora', 'RHEL', 'Rocky', 'AlmaLinux', 'CentOS Stream'],
  },
};

/** Of a system, by what it says of itself; undefined when it is of none that can be installed. */
export function familyOf({ id, idLike }: Pick<OsRelease, 'id' | 'idLike'>): Family | undefined {
  const ids = [id, ...idLike];
  return ids.flatMap((one) => families.filter((family) => familyMembers[family].ids.includes(one)))[0];
}

const namesOfOtherFamilies =
  /^(alma|alpine|amazon|arch|centos|fedora|gentoo|mageia|nixos|opensuse|oracle|rhel|rocky|sles?|suse|void)(linux)?(?![a-z])/;

/** Why a distribution cannot be installed yet, by its name; undefined when the name does not say so, and /etc/os-release
 * decides after unpacking. It needs no image, and is no reason against a direct boot. */
export function otherFamilyFault(distro: string): Fault | undefined {
  if (!namesOfOtherFamilies.test(distro.toLowerCase())) return undefined;
  return {
    file: '',
    path: '/distro',
    value: showValue(distro),
    problem: `"${distro}" is not a system of the Debian family (Debian, Ubuntu), and only those can be installed`,
    fix: 'set "pxeboot" to false to boot its own kernel and initrd, or choose a Debian or Ubuntu as "distro"',
  };
}
