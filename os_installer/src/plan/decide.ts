import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import { systemKernelArgs } from '@pxeboot/config/contract/kernel-args';
import { InputError } from '@pxeboot/config/kit/errors';

import { chooseDistro } from '../distro/detect.ts';
import type { Distro } from '../distro/distro.ts';
import { checksumOf, directoryOf, fileNameOf } from './checksums.ts';
import { chooseDisk, formatSize } from './choose-disk.ts';
import { espNumber, partitionPath, requiredBytes, rootNumber } from './disk-layout.ts';
import type { FileSystemIds, SourceFacts } from './facts.ts';
import { planNotes } from './notes.ts';

/** What must be free at the first step. Debian 12 was installed with 105 and with 74 MiB free and killed while unpacking with 43. */
const leastMemoryMiB = 64;

/** What a plan is made from. */
export interface PlanInput {
  config: InstallerConfig;
  hardware: HardwareFacts;
  sources: SourceFacts;
  ids: FileSystemIds;
}

/** Everything that the steps of an installation are planned from. */
export interface Decisions extends PlanInput {
  distro: Distro;
  /** Path of the disk, as those of its partitions. */
  disk: string;
  esp: string;
  root: string;
  /** Of the kernel. */
  release: string;
  /** The installed system's, its console first. */
  kernelArgs: string[];
  /** SHA-256 of the images that SHA256SUMS lists. */
  sums: { rootfs?: string; kernel?: string; modules?: string };
  /** Why this disk, and why no other. */
  diskReasons: string[];
  /** Why this one of several suitable disks; what is checked of the images, and what is not. */
  notes: string[];
}

/** Decides what an installation is about; nothing is read or written here.
 * @throws InputError distribution, firmware or image cannot be served, or no disk is suitable */
export function decide(input: PlanInput): Decisions {
  const { config, hardware, sources } = input;
  const distro = chooseDistro(config.family);
  refuseOtherFirmware(hardware);
  refuseTooLittleMemory(hardware, sources);
  refuseEmptyImage(config, sources);
  const { disk, reasons, rule } = chooseDisk(hardware.disks, config.disk, requiredBytes(sources));
  return {
    ...input,
    distro,
    disk: disk.path,
    esp: partitionPath(disk.path, espNumber),
    root: partitionPath(disk.path, rootNumber),
    release: kernelRelease(config.kernel_url, hardware.kernelRelease),
    kernelArgs: [`console=${config.console}`, ...systemKernelArgs(config)],
    sums: sumsOf(config, sources),
    diskReasons: reasons,
    notes: [...(rule === undefined ? [] : [rule]), ...planNotes(config, sources)],
  };
}

/** @throws InputError nothing would start the installed disk */
function refuseOtherFirmware({ uefi }: HardwareFacts): void {
  if (uefi) return;
  throw new InputError(
    'plan the installation: this machine was not started by UEFI firmware (it has no /sys/firmware/efi), and nothing else ' +
      'would start the installed disk; give the VM UEFI firmware',
  );
}

/** @throws InputError the kernel would kill the installation in its midst */
function refuseTooLittleMemory(
  { memoryBytes, availableMemoryBytes }: HardwareFacts,
  { windowBytes = 0 }: SourceFacts,
): void {
  const needed = leastMemoryMiB * 2 ** 20 + windowBytes;
  if (availableMemoryBytes >= needed) return;
  throw new InputError(
    `plan the installation: ${formatSize(availableMemoryBytes)} of this machine's ${formatSize(memoryBytes)} of memory are free, and ` +
      `unpacking takes ${formatSize(needed)}; give the VM more memory`,
  );
}

/** @throws InputError there is nothing to unpack */
function refuseEmptyImage({ rootfs_url }: InstallerConfig, { rootfsBytes }: SourceFacts): void {
  if (rootfsBytes > 0) return;
  throw new InputError(`plan the installation: ${rootfs_url} is empty; fetch the image again`);
}

function sumsOf({ rootfs_url, kernel_url, kmods_url }: InstallerConfig, { checksums }: SourceFacts): Decisions['sums'] {
  const directory = directoryOf(rootfs_url);
  const [rootfs, kernel, modules] = [rootfs_url, kernel_url, kmods_url].map((url) =>
    checksumOf(url, checksums, directory),
  );
  return {
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(modules === undefined ? {} : { modules }),
  };
}

/** The release in a kernel's file name (`vmlinuz-6.1.0-56-cloud-amd64`), which begins with a digit; without one, as in
 * `vmlinuz-lts`, that of the running kernel, which is this one. */
export function kernelRelease(kernelUrl: string, runningRelease: string): string {
  return /^vmlinu[xz]-(\d.*)$/.exec(fileNameOf(kernelUrl))?.[1] ?? runningRelease;
}
