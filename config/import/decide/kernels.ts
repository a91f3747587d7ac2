/** The kernel that is imported, by the names of files. */
export interface KernelChoice {
  release: string;
  /** A path of the system. */
  kernel: string;
  /** A path of the system; undefined when there is none of this kernel. */
  initrd: string | undefined;
}

/** A folder of modules. */
export interface KernelFolder {
  release: string;
  /** A path of the system. */
  folder: string;
  /** What is in it. */
  names: readonly string[];
}

const byVersion = new Intl.Collator('en', { numeric: true });

/** The newest kernel that has modules. Its file is in /boot, or next to its modules where the distribution's packages put it.
 * @param boot names in /boot
 * @param modules names in /lib/modules, and which files besides the modules are in each folder */
export function chooseKernel(boot: readonly string[], modules: readonly KernelFolder[]): KernelChoice | undefined {
  const usable = modules.flatMap(({ release, folder, names }) => {
    const name = [`vmlinuz-${release}`, `vmlinux-${release}`].find((each) => boot.includes(each));
    const inFolder = names.includes('vmlinuz') ? `${folder}/vmlinuz` : undefined;
    const kernel = name === undefined ? inFolder : `/boot/${name}`;
    const initrd = initrdOf(release, boot) ?? initrdIn(folder, names);
    return kernel === undefined ? [] : [{ release, kernel, initrd }];
  });
  return usable.toSorted((a, b) => byVersion.compare(a.release, b.release)).at(-1);
}

/** Debian's and Ubuntu's name, Fedora's and its relatives', SUSE's. */
function initrdOf(release: string, boot: readonly string[]): string | undefined {
  const names = [`initrd.img-${release}`, `initramfs-${release}.img`, `initrd-${release}`];
  const name = names.find((each) => boot.includes(each));
  return name === undefined ? undefined : `/boot/${name}`;
}

/** Where bootable container images have it: bootc, "Kernel", as ostree does. */
function initrdIn(folder: string, names: readonly string[]): string | undefined {
  return names.includes('initramfs.img') ? `${folder}/initramfs.img` : undefined;
}
