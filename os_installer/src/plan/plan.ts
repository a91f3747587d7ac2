import { architectures } from '@pxeboot/config/contract/architecture';
import { InputError } from '@pxeboot/config/kit/errors';
import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import { systemKernelArgs } from '@pxeboot/config/contract/kernel-args';

import { checksumOf, directoryOf, fileNameOf } from './checksums.ts';
import { chooseDisk, formatSize } from './choose-disk.ts';
import type { FileSystemIds, SourceFacts } from './facts.ts';
import { refuseUnknownDistro } from '../distro/family.ts';
import type { Decompressor, Step, StepOf } from '../steps.ts';

/** FAT32 with 4096-byte sectors needs 65,525 clusters, that is 256 MiB and its tables (Microsoft FAT specification 1.03). */
const espMiB = 300;
const mib = 2 ** 20;
const smallestRootMiB = 1536;
/** Where the unpacked length is not known: a gzip tarball of a Debian system grows 2.7 times (measured); the rest is room. */
const estimatedPerPacked = 3.5;
/** Where it is: ext4's own tables take 2 %, rounding to blocks 1.5 % (measured); the rest is room. */
const diskPerUnpacked = 1.2;

/** What must be free at the first step. Debian 12 was installed with 105 and with 74 MiB free and killed while unpacking with 43. */
const leastMemoryMiB = 64;

/** GPT partition types: UEFI 2.10, 5.3.3; Discoverable Partitions Specification for plain Linux data. */
const espType = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';
const linuxType = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';

/** Name of the root partition until the last step: such a disk is not installed. */
export const unfinishedName = 'installing';
export const finishedName = 'root';
export const espName = 'ESP';
export const espLabel = 'UEFI';
/** What a direct boot's `root=LABEL=` names. */
export const rootLabel = 'cloudimg-rootfs';

export interface PlanInput {
  config: InstallerConfig;
  hardware: HardwareFacts;
  sources: SourceFacts;
  ids: FileSystemIds;
}

export interface InstallPlan {
  disk: string;
  /** Why this disk, and why no other. */
  diskReasons: string[];
  /** Why this one of several suitable disks; what is checked of the images, and what is not. */
  notes: string[];
  steps: Step[];
}

/** Decides everything that an installation does; nothing is read or written here.
 * @throws InputError distribution, firmware or image cannot be served, or no disk is suitable */
export function planInstallation({ config, hardware, sources, ids }: PlanInput): InstallPlan {
  refuseUnknownDistro(config.distro);
  if (!hardware.uefi) {
    throw new InputError(
      'plan the installation: this machine was not started by UEFI firmware (it has no /sys/firmware/efi), and nothing else ' +
        'would start the installed disk; give the VM UEFI firmware',
    );
  }
  refuseTooLittleMemory(hardware);
  if (sources.rootfsBytes === 0) {
    throw new InputError(`plan the installation: ${config.rootfs_url} is empty; fetch the image again`);
  }
  const { disk, reasons, rule } = chooseDisk(hardware.disks, config.disk, requiredBytes(sources));
  const [esp, root] = [partitionPath(disk.path, 1), partitionPath(disk.path, 2)];
  const { grubTarget, removableLoader } = architectures[config.arch];
  const release = kernelRelease(config.kernel_url, hardware.kernelRelease);
  const kernelArgs = [`console=${config.console}`, ...systemKernelArgs(config.kernel_args)];
  const steps: Step[] = [
    { kind: 'partition', disk: disk.path, script: partitionScript(), partitions: [esp, root], destroys: disk.path },
    { kind: 'format-esp', device: esp, volumeId: ids.espVolumeId, destroys: esp },
    { kind: 'format-root', device: root, uuid: ids.rootUuid, destroys: root },
    { kind: 'mount-root', device: root },
    unpackStep(config, sources),
    kernelStep(config, sources, release),
    { kind: 'write-seed', files: sources.seed },
    { kind: 'write-system', hostname: config.vm, fstab: fstab(ids), grubDefaults: grubDefaults(kernelArgs) },
    { kind: 'mount-boot', esp },
    { kind: 'initramfs', disk: disk.path, release, when: config.initramfs === 'generate' ? 'always' : 'if-needed' },
    { kind: 'boot-loader', grubTarget, removableLoader, release, rootUuid: ids.rootUuid, kernelArgs },
    { kind: 'verify', release, removableLoader },
    { kind: 'write-marker', marker: markerOf(config) },
    { kind: 'unmount' },
    { kind: 'mark-installed', disk: disk.path, partition: 2, esp },
  ];
  return {
    disk: disk.path,
    diskReasons: reasons,
    notes: [...(rule === undefined ? [] : [rule]), ...onceNotes(config), ...imageNotes(config, sources)],
    steps,
  };
}

/** @throws InputError the kernel would kill the installation in its midst */
function refuseTooLittleMemory({ memoryBytes, availableMemoryBytes }: HardwareFacts): void {
  if (availableMemoryBytes >= leastMemoryMiB * mib) return;
  throw new InputError(
    `plan the installation: ${formatSize(availableMemoryBytes)} of this machine's ${formatSize(memoryBytes)} of memory are free, and ` +
      `unpacking takes ${leastMemoryMiB} MiB; give the VM more memory`,
  );
}

/** Bytes that a disk must have for what is to be unpacked. */
export function requiredBytes({ rootfsBytes, unpackedBytes }: Omit<SourceFacts, 'seed'>): number {
  const system = unpackedBytes === undefined ? rootfsBytes * estimatedPerPacked : unpackedBytes * diskPerUnpacked;
  return espMiB * mib + Math.max(smallestRootMiB * mib, Math.ceil(system));
}

function unpackStep({ rootfs_url: url }: InstallerConfig, sources: SourceFacts): StepOf<'unpack'> {
  const sha256 = checksumOf(url, sources.checksums, directoryOf(url));
  return {
    kind: 'unpack',
    url,
    decompressor: decompressorFor(url),
    bytes: sources.rootfsBytes,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

function kernelStep(config: InstallerConfig, { checksums }: SourceFacts, release: string): StepOf<'install-kernel'> {
  const directory = directoryOf(config.rootfs_url);
  const sha256 = checksumOf(config.kernel_url, checksums, directory);
  const modulesSha256 = checksumOf(config.kmods_url, checksums, directory);
  return {
    kind: 'install-kernel',
    url: config.kernel_url,
    release,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(modulesSha256 === undefined ? {} : { modules: { url: config.kmods_url, sha256: modulesSha256 } }),
  };
}

function onceNotes({ once, vm }: InstallerConfig): string[] {
  if (!once) return [];
  return [
    `install.once: nothing of this happens on a machine that ${vm} is already installed on, unless ${vm}.reinstall is new`,
  ];
}

function imageNotes(config: InstallerConfig, sources: SourceFacts): string[] {
  const { checksums, rootfsBytes, unpackedBytes } = sources;
  const directory = directoryOf(config.rootfs_url);
  const files = [
    [config.rootfs_url, ''],
    [config.kernel_url, whenCopied('kernel')],
    [config.kmods_url, whenCopied('modules')],
  ] as const;
  const checks =
    checksums === undefined
      ? ['images are not checked: there is no SHA256SUMS beside them']
      : files.map(([url, when]) =>
          checksumOf(url, checksums, directory) === undefined
            ? `${fileNameOf(url)} is not checked: it is not in SHA256SUMS`
            : `${fileNameOf(url)} is checked against SHA256SUMS${when}`,
        );
  const unpacked =
    unpackedBytes !== undefined
      ? `unpacks to ${formatSize(unpackedBytes)}`
      : `does not say what it unpacks to; ${estimatedPerPacked} times its ${formatSize(rootfsBytes)} are reckoned with`;
  return [...checks, `${fileNameOf(config.rootfs_url)} ${unpacked}`];
}

/** What the root file system brings is covered by the tarball's own sum: reading the server's file too would check what is not used. */
function whenCopied(what: string): string {
  return ` when it is copied: if the root file system lacks the ${what}`;
}

/** `/dev/vda`, 1 -> `/dev/vda1`; a name that ends in a digit gets a `p` between (nvme0n1p1). */
export function partitionPath(disk: string, number: number): string {
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** The release in a kernel's file name (`vmlinuz-6.1.0-56-cloud-amd64`), which begins with a digit; without one, as in
 * `vmlinuz-lts`, that of the running kernel, which is this one. */
export function kernelRelease(kernelUrl: string, runningRelease: string): string {
  return /^vmlinu[xz]-(\d.*)$/.exec(fileNameOf(kernelUrl))?.[1] ?? runningRelease;
}

/** Input of sfdisk(8). */
function partitionScript(): string {
  return [
    'label: gpt',
    `size=${espMiB}MiB, type=${espType}, name="${espName}"`,
    `type=${linuxType}, name="${unfinishedName}"`,
    '',
  ].join('\n');
}

/** By the tarball's name. */
export function decompressorFor(url: string): Decompressor {
  return new URL(url).pathname.endsWith('.zst') ? 'zstd' : 'gzip';
}

function fstab({ rootUuid, espVolumeId }: FileSystemIds): string {
  const espUuid = `${espVolumeId.slice(0, 4)}-${espVolumeId.slice(4)}`;
  return [
    '# Written by the installer. See fstab(5).',
    `UUID=${rootUuid} / ext4 errors=remount-ro 0 1`,
    `UUID=${espUuid} /boot/efi vfat umask=0077 0 1`,
    '',
  ].join('\n');
}

function markerOf({ vm, mac, distro, reinstall_token }: InstallerConfig): StepOf<'write-marker'>['marker'] {
  return { vm, mac, distro, reinstall_token };
}

/** Makes later runs of update-grub keep what the installer's own grub.cfg has. */
function grubDefaults(kernelArgs: string[]): string {
  return [
    '# Written by the installer.',
    'GRUB_TIMEOUT=1',
    'GRUB_TERMINAL=console',
    'GRUB_CMDLINE_LINUX_DEFAULT=',
    // Single quotes: update-grub reads this file as shell, and the schema admits no quotes in arguments.
    `GRUB_CMDLINE_LINUX='${kernelArgs.join(' ')}'`,
    '',
  ].join('\n');
}
