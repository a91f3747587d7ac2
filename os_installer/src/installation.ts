import type { Log } from '@pxeboot/config/host/log';

import type { Command } from './commands.ts';

/** What executors share: where the new system is, and how to tell what happens. */
export interface Installation {
  /** Mount point of the new root file system. */
  target: string;
  log: Log;
  /** Where the installer's own kernel has its modules, by release. */
  ownModules: string;
  /** How mount(8) calls the ESP's file system. */
  espType: string;
  /** Where the kernel shows the firmware's variables. */
  efivars: string;
  /** Where the kernel shows its devices. */
  sysfs: string;
  /** Called while data streams; not more than once a second reaches the server. */
  progress(bytes: number, total: number | undefined): void;
  /** Tells people, at the console and at the server, what the step goes on in spite of. */
  warn(message: string): void;
  /** Returns when the system has taken note of a disk's new partition table. @param settle udev's way to that */
  settleDevices(disk: string, settle: Command): Promise<void>;
}

/** Carries out one step. @throws when the step did not fully succeed */
export type Executor<StepType> = (step: StepType, installation: Installation) => Promise<void>;
