/** Words of `install.kernel_args` that are meant for the installer alone. From `ip=` the initramfs of an installed Debian would bring
 * the network up by itself, and wait three minutes for an interface that has another name there. */
const installerWords = /^(?:ip|initrd\.mode)=/;

/** What of `install.kernel_args` belongs on the kernel line of the installed system. */
export function systemKernelArgs(kernelArgs: readonly string[]): string[] {
  return kernelArgs.filter((word) => !installerWords.test(word));
}
