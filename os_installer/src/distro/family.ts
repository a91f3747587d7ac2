import { otherFamilyFault } from '@pxeboot/config/definitions/distro-family';
import { InputError } from '@pxeboot/config/kit/errors';

/** Families differ in how a system is made bootable. */
export type Family = 'debian';

/** Refuses, before any disk is touched, a distribution whose name says that it cannot be installed yet.
 * A name that says nothing is decided by /etc/os-release after unpacking.
 * @throws InputError */
export function refuseUnknownDistro(distro: string): void {
  const fault = otherFamilyFault(distro);
  if (fault !== undefined) throw new InputError(`plan the installation: ${fault.problem}; ${fault.fix}`);
}

/** Finds the family in the text of /etc/os-release (os-release(5): ID, ID_LIKE).
 * @throws InputError it is none that can be installed */
export function familyFromOsRelease(text: string): Family {
  const ids = `${osReleaseValue(text, 'ID')} ${osReleaseValue(text, 'ID_LIKE')}`.split(/\s+/);
  if (ids.includes('debian') || ids.includes('ubuntu')) return 'debian';
  throw new InputError(
    `read /etc/os-release of the root file system: ID "${osReleaseValue(text, 'ID')}" is of no family that can be installed; ` +
      'use a root file system of Debian or Ubuntu',
  );
}

/** One variable of an os-release file, without its quotes; empty when absent. */
export function osReleaseValue(text: string, name: string): string {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}=`));
  return line?.slice(name.length + 1).replaceAll(/^["']|["']$/g, '') ?? '';
}
