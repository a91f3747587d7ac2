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

/** Holds an unpacked system to the family that the plan is for (os-release(5): ID, ID_LIKE).
 * @param text of its /etc/os-release
 * @throws InputError it is of another family */
export function requireFamily(text: string, planned: string): void {
  const candidates = distros.filter(({ family }) => family === planned);
  const ids = `${osReleaseValue(text, 'ID')} ${osReleaseValue(text, 'ID_LIKE')}`.split(/\s+/);
  if (candidates.some(({ osIds }) => osIds.some((id) => ids.includes(id)))) return;
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
