import type { Fault } from '../kit/fault.ts';
import { showValue } from '../kit/text.ts';

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
