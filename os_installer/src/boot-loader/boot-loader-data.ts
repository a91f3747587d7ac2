import type { Arch } from '@pxeboot/config/contract/architecture';

import type { GrubTools } from '../distro/distro.ts';

/** What a boot loader is installed for. */
export interface BootLoader {
  disk: string;
  arch: Arch;
  grub: GrubTools;
  rootUuid: string;
  kernelArgs: string[];
  /** Paths in the new system, without their first slash. */
  kernel: string;
  initrd: string;
}
