/** What a boot loader starts. Paths are those of the system, without their first slash. */
export interface BootEntry {
  title: string;
  rootUuid: string;
  kernel: string;
  initrd: string;
  kernelArgs: readonly string[];
}
