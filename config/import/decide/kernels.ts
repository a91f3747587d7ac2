/** The kernel that is imported, by the names of files. */
export interface KernelChoice {
  release: string;
  /** A path of the system. */
  kernel: string;
  /** A path of the system; undefined when there is none of this kernel. */
  initrd: string | undefined;
}

const byVersion = new Intl.Collator('en', { numeric: true });

/** The newest kernel that has modules. Its file is in /boot, or next to its modules where the distribution's packages put it.
 * @param boot names in /boot
 * @param modules names in /lib/modules, and whether a kernel is in that folder */
export function chooseKernel(
  boot: readonly string[],
  modules: readonly { release: string; folder: string; hasKernel: boolean }[],
): KernelChoice | undefined {
  const usable = modules.flatMap(({ release, folder, hasKernel }) => {
    const name = [`vmlinuz-${release}`, `vmlinux-${release}`].find((each) => boot.includes(each));
    const kernel = name === undefined ? (hasKernel ? `${folder}/vmlinuz` : undefined) : `/boot/${name}`;
    return kernel === undefined ? [] : [{ release, kernel, initrd: initrdOf(release, boot) }];
  });
  return usable.toSorted((a, b) => byVersion.compare(a.release, b.release)).at(-1);
}

/** Debian's and Ubuntu's name, Fedora's and its relatives', SUSE's. */
function initrdOf(release: string, boot: readonly string[]): string | undefined {
  const names = [`initrd.img-${release}`, `initramfs-${release}.img`, `initrd-${release}`];
  const name = names.find((each) => boot.includes(each));
  return name === undefined ? undefined : `/boot/${name}`;
}
