/** What a boot loader starts. Paths are those of the system, without their first slash. */
export interface BootEntry {
  title: string;
  rootUuid: string;
  /** By which formats with several entries sort them. */
  release: string;
  kernel: string;
  initrd: string;
  kernelArgs: readonly string[];
}
