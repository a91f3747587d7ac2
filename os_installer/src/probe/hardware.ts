import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { DiskHints } from '@pxeboot/config/contract/disk-hints';
import type { Disk, HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { Log } from '@pxeboot/config/host/log';

import { hasCandidate } from '../plan/choose-disk.ts';
import type { BlockDevice } from './parse/sysfs.ts';
import { availableMemory, isDiskName, serialFromVpd, transportOf, usesOf } from './parse/sysfs.ts';

/** sysfs counts in units of 512 bytes whatever the disk's sectors are (Linux, Documentation/ABI/stable/sysfs-block). */
const sysfsSectorBytes = 512;
const linkDirectories = ['by-id', 'by-path', 'by-uuid', 'by-label', 'by-diskseq'];

/** How long a disk is waited for. */
const diskTimeoutMs = 20_000;

/** As probeHardware, when there is a disk to choose: drivers look for their disks in the background, long after they were loaded.
 * When none appears in time, the plan says what is wrong with those that there are. */
export async function probeHardwareWithDisk(
  hints: DiskHints,
  log: Log,
  root = '',
  timeoutMs = diskTimeoutMs,
): Promise<HardwareFacts> {
  const deadline = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const hardware = await probeHardware(root);
    if (hasCandidate(hardware.disks, hints) || performance.now() > deadline) return hardware;
    if (attempt === 1) log.info('no disk to install to; waiting for one', { timeoutMs });
    await sleep(500);
  }
}

/** Reads what the machine is made of; changes nothing.
 * @param root what stands before /sys, /proc and /dev, for tests */
export async function probeHardware(root = ''): Promise<HardwareFacts> {
  const names = (await readdir(join(root, '/sys/block'))).filter(isDiskName).sort();
  const links = await readLinks(root);
  const disks = await Promise.all(names.map((name) => probeDisk(name, links, root)));
  return {
    disks: disks.filter((disk) => disk !== undefined),
    uefi: await stat(join(root, '/sys/firmware/efi')).then(
      () => true,
      () => false,
    ),
    memoryBytes: totalmem(),
    availableMemoryBytes: availableMemory(await readText(join(root, '/proc/meminfo'))),
    kernelRelease: release(),
  };
}

/** One disk; undefined for a path of a multipath device, which has no node.
 * @param links other names by kernel name, from readLinks */
export async function probeDisk(
  name: string,
  links: ReadonlyMap<string, string[]>,
  root = '',
): Promise<Disk | undefined> {
  const directory = join(root, '/sys/block', name);
  const attribute = (path: string): Promise<string> => readText(join(directory, path));
  if ((await attribute('hidden')) === '1') return undefined;
  const vpd = await readFile(join(directory, 'device/vpd_pg80')).catch(() => new Uint8Array());
  return {
    name,
    path: `/dev/${name}`,
    links: links.get(name) ?? [],
    sizeBytes: Number(await attribute('size')) * sysfsSectorBytes,
    logicalSectorBytes: Number(await attribute('queue/logical_block_size')),
    transport: transportOf(name, await realpath(directory)),
    removable: (await attribute('removable')) === '1',
    readOnly: (await attribute('ro')) === '1',
    model: await attribute('device/model'),
    serial: (await attribute('serial')) || (await attribute('device/serial')) || serialFromVpd(vpd),
    wwn: (await attribute('wwid')) || (await attribute('device/wwid')),
    uses: usesOf(
      await blockDevices(name, directory),
      await readText(join(root, '/proc/self/mountinfo')),
      await readText(join(root, '/proc/swaps')),
    ),
  };
}

/** Names under /dev/disk/, by the kernel name of the disk that they lead to. */
async function readLinks(root = ''): Promise<Map<string, string[]>> {
  const links = new Map<string, string[]>();
  for (const kind of linkDirectories) {
    for (const name of (await readdir(join(root, '/dev/disk', kind)).catch(() => [])).sort()) {
      const path = join('/dev/disk', kind, name);
      const disk = basename(await readlink(join(root, path)).catch(() => ''));
      links.set(disk, [...(links.get(disk) ?? []), path]);
    }
  }
  return links;
}

/** The disk and its partitions. */
async function blockDevices(name: string, directory: string): Promise<BlockDevice[]> {
  const parts = (await readdir(directory)).filter((entry) => entry.startsWith(name)).sort();
  return Promise.all(
    [
      { path: `/dev/${name}`, at: directory },
      ...parts.map((part) => ({ path: `/dev/${part}`, at: join(directory, part) })),
    ].map(async ({ path, at }) => ({
      path,
      number: await readText(join(at, 'dev')),
      holders: await readdir(join(at, 'holders')).catch(() => []),
    })),
  );
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}
