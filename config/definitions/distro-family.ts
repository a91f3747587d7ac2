import type { OsRelease } from '../kit/os-release.ts';

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
