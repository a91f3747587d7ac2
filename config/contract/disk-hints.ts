import type { InstallOptions } from './vm-definition.ts';

/** Which disk to install to: all that is given must be true of it. */
export type DiskHints = InstallOptions['disk'];
