import type { Transport } from '@pxeboot/config/contract/hardware-facts';
import { HostError } from '@pxeboot/config/kit/errors';

/** Block devices that are no disks: RAM disks, loops, optical and floppy drives, flash chips (which may hold the firmware), what
 * lies on other devices or on the network, and the boot and RPMB areas of an eMMC. */
export function isDiskName(name: string): boolean {
  return !/^(?:ram|loop|sr|fd|mtdblock|dm-|md|zram|bcache|drbd|nbd|rbd)|^mmcblk\d+(?:boot\d+|rpmb)$/.test(name);
}

/** @param devicePath real path below /sys/devices */
export function transportOf(name: string, devicePath: string): Transport {
  const byName: [RegExp, Transport][] = [
    [/^vd/, 'virtio'],
    [/^xvd/, 'xen'],
    [/^nvme/, 'nvme'],
  ];
  const byPath: [RegExp, Transport][] = [
    [/\/usb\d+\//, 'usb'],
    [/\/ata\d+\//, 'sata'],
    [/\/mmc_host\//, 'mmc'],
    [/\/host\d+\//, 'scsi'],
  ];
  return (
    byName.find(([pattern]) => pattern.test(name))?.[1] ??
    byPath.find(([pattern]) => pattern.test(devicePath))?.[1] ??
    'other'
  );
}

/** The serial number in SCSI's vital product data (SPC-5, 7.7.20: page 80h, a header of four bytes before the text). */
export function serialFromVpd(page: Uint8Array): string {
  const bytes = Buffer.from(page);
  if (bytes.length < 4 || bytes.readUInt8(1) !== 0x80) return '';
  return bytes
    .subarray(4, 4 + bytes.readUInt16BE(2))
    .toString('latin1')
    .replaceAll('\0', '')
    .trim();
}

/** Bytes that programs can still take, from /proc/meminfo (proc_meminfo(5): MemAvailable, in KiB).
 * @throws HostError the kernel does not say */
export function availableMemory(meminfo: string): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kib === undefined)
    throw new HostError('read the memory that is available: /proc/meminfo has no line "MemAvailable: N kB"');
  return Number(kib) * 1024;
}

/** A disk or one of its partitions, and who holds it (dm, md, bcache). */
export interface BlockDevice {
  path: string;
  /** `major:minor`. */
  number: string;
  holders: readonly string[];
}

/** What a disk is used for, in words. A mount is known by its device number, and by its source: btrfs has a number of its own.
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5)) @param swaps text of /proc/swaps */
export function usesOf(devices: readonly BlockDevice[], mountinfo: string, swaps: string): string[] {
  const mounts = mountinfo.split('\n').map((line) => line.split(' '));
  const swapped = new Set(swaps.split('\n').map((line) => line.split(/\s/)[0] ?? ''));
  return devices.flatMap(({ path, number, holders }) => [
    ...mounts
      .filter((fields) => fields[2] === number || fields[fields.indexOf('-') + 2] === path)
      .map(([, , , , point]) => `${path} is mounted on ${point ?? ''}`),
    ...(swapped.has(path) ? [`${path} is swap space`] : []),
    ...holders.map((holder) => `${path} is held by ${holder}`),
  ]);
}

/** A device and all that it hangs on, itself first.
 * @param device real path @param top directory of all devices */
export function devicesUpFrom(device: string, top: string): string[] {
  if (!device.startsWith(`${top}/`)) return [];
  const names = device.slice(top.length + 1).split('/');
  return names.map((_, index) => [top, ...names.slice(0, names.length - index)].join('/'));
}
