import type { Log } from '@pxeboot/config/host/log';

import type { NewSystem } from './new-system.ts';
import { espType } from './plan/disk-layout.ts';
import type { Command } from './steps/shared/command.ts';

/** Where an installation happens: what commands need to know besides their step. */
export interface Site {
  /** Mount point of the new root file system. */
  target: string;
  /** Where the installer's own kernel has its modules, by release. */
  ownModules: string;
  /** How mount(8) calls the ESP's file system; it is another where a test's kernel knows no FAT. */
  espType: string;
  /** Where the kernel shows the firmware's variables. */
  efivars: string;
  /** Where the kernel shows its devices. */
  sysfs: string;
  /** GRUB for systems that bring none, a program for the firmware: it reads `/EFI/BOOT/grub.cfg` of the ESP that it was started from. */
  ownGrub: string;
}

/** The site that a plan is shown for. */
export const plannedSite: Site = {
  target: '/mnt/target',
  ownModules: '/lib/modules',
  espType,
  efivars: '/sys/firmware/efi/efivars',
  sysfs: '/sys',
  ownGrub: '/usr/lib/os-installer/grub.efi',
};

/** What a step may touch: the files of the new system, programs, the network, and who is told what happens. With it a step
 * needs no library for any of them, so that a program that only shows plans does not carry them. One step starts programs itself:
 * `unpack`, which joins two by a pipe. */
export interface Context {
  site: Site;
  system: NewSystem;
  log: Log;
  /** Runs a command, for its standard output too. @throws CommandError it failed */
  run(command: Command): Promise<string>;
  /** Reads a URL through the network's troubles, as `readResumable` does. */
  read(url: string): AsyncIterable<Uint8Array>;
  /** Called while data streams; not more than once a second reaches the server. */
  progress(bytes: number, total: number | undefined): void;
  /** Tells people, at the console and at the server, what the step goes on in spite of. */
  warn(message: string): void;
  /** Returns when the system has taken note of a disk's new partition table. @param settle udev's way to that */
  settleDevices(disk: string, settle: Command): Promise<void>;
}
