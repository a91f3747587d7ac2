import { otherFamilyFault } from '@pxeboot/config/definitions/distro-family';
import { InputError } from '@pxeboot/config/kit/errors';

import { debian } from './debian.ts';
import type { Distro } from './distro.ts';

/** The families that can be installed. */
const distros: readonly Distro[] = [debian];

/** Chooses, before any disk is touched, the family by a distribution's name. A name that says nothing is taken for one of
 * Debian's; /etc/os-release decides after unpacking.
 * @throws InputError the name says that it cannot be installed yet */
export function chooseDistro(name: string): Distro {
  const fault = otherFamilyFault(name);
  if (fault !== undefined) throw new InputError(`plan the installation: ${fault.problem}; ${fault.fix}`);
  return debian;
}

/** Finds the family in the text of /etc/os-release (os-release(5): ID, ID_LIKE).
 * @throws InputError it is none that can be installed */
export function familyFromOsRelease(text: string): string {
  return familyAmong(distros, text);
}

/** @param text of the unpacked system's /etc/os-release
 * @param planned family that the plan is for
 * @throws InputError it is of another family */
export function requireFamily(text: string, planned: string): void {
  familyAmong(
    distros.filter(({ family }) => family === planned),
    text,
  );
}

function familyAmong(candidates: readonly Distro[], text: string): string {
  const ids = `${osReleaseValue(text, 'ID')} ${osReleaseValue(text, 'ID_LIKE')}`.split(/\s+/);
  const found = candidates.find(({ osIds }) => osIds.some((id) => ids.includes(id)));
  if (found !== undefined) return found.family;
  const names = candidates.flatMap(({ members }) => members).join(' or ');
  throw new InputError(
    `read /etc/os-release of the root file system: ID "${osReleaseValue(text, 'ID')}" is of no family that can be installed; ` +
      `use a root file system of ${names}`,
  );
}

/** One variable of an os-release file, without its quotes; empty when absent. */
export function osReleaseValue(text: string, name: string): string {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name}=`));
  return line?.slice(name.length + 1).replaceAll(/^["']|["']$/g, '') ?? '';
}
