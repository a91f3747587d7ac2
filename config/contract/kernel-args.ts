/** Words of `install.kernel_args` that are meant for the installer alone. From `ip=` the initramfs of an installed Debian would bring
 * the network up by itself, and wait three minutes for an interface that has another name there. */
const installerWords = /^(?:ip|initrd\.mode)=/;

/** Debian's kernel starts AppArmor unless it is given another security module; Fedora's starts SELinux.
 * @see Linux, Documentation/admin-guide/kernel-parameters.txt */
const selinuxWords = {
  image: [],
  enforcing: ['security=selinux', 'enforcing=1'],
  permissive: ['security=selinux', 'enforcing=0'],
  disabled: ['selinux=0'],
};

/** What of a definition's `install` belongs on the kernel line of the installed system. Words of `kernel_args` come last: they win. */
export function systemKernelArgs({
  kernel_args,
  selinux,
}: {
  kernel_args: readonly string[];
  selinux: keyof typeof selinuxWords;
}): string[] {
  return [...selinuxWords[selinux], ...kernel_args.filter((word) => !installerWords.test(word))];
}
