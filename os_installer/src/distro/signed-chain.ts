import type { Arch } from '@pxeboot/config/contract/architecture';

/** Where distributions keep the loaders that UEFI Secure Boot accepts: paths in the system, without their first slash. */
interface LoaderPlaces {
  /** Loads what its maker has signed. */
  shim: string[];
  grub: string[];
  /** The program that shim starts to take in a new key (MokManager). */
  keyManager: string[];
}

/** By which loaders are told apart in their names: UEFI 2.10, 3.5.1.1. */
export const loaderSuffixes: Readonly<Record<Arch, string>> = { x86_64: 'x64', aarch64: 'aa64' };

/** In the packages shim-signed, shim-helpers-<arch>-signed and grub-efi-<arch>-signed of Debian and Ubuntu. Ubuntu's shim is a link by
 * update-alternatives(1), next to one whose name ends in ".latest". */
export function packagedLoaders(arch: Arch, grubTarget: string): LoaderPlaces {
  const suffix = loaderSuffixes[arch];
  return {
    shim: [`usr/lib/shim/shim${suffix}.efi.signed`, `usr/lib/shim/shim${suffix}.efi.signed.latest`],
    grub: [`usr/lib/grub/${grubTarget}-signed/grub${suffix}.efi.signed`],
    keyManager: [`usr/lib/shim/mm${suffix}.efi.signed`, `usr/lib/shim/mm${suffix}.efi`],
  };
}

/** In a directory of an ESP, where Fedora's packages shim-<arch> and grub2-efi-<arch> put them. */
export function loadersOnEsp(arch: Arch, directory: string): LoaderPlaces {
  const suffix = loaderSuffixes[arch];
  return {
    shim: [`${directory}/shim${suffix}.efi`],
    grub: [`${directory}/grub${suffix}.efi`],
    keyManager: [`${directory}/mm${suffix}.efi`],
  };
}

/** The directory of the ESP that a GRUB reads its configuration from: it is compiled into it, whatever os-release says. It is all of a
 * text there; names of GRUB's own source files, as `disk/efi/efidisk.c`, are in it too.
 * @returns undefined when there is none in it, or only that of the removable path
 * @see grub-mkimage(1): --prefix */
export function compiledDirectory(grub: Uint8Array): string | undefined {
  const found = Buffer.from(grub)
    .toString('latin1')
    .matchAll(/\0\/EFI\/([\w.+-]+)\0/g);
  return [...found].flatMap(([, name]) => name ?? []).find((name) => name.toUpperCase() !== 'BOOT');
}
