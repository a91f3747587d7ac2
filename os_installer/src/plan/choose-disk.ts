import type { DiskHints } from '@pxeboot/config/contract/disk-hints';
import type { Disk, Transport } from '@pxeboot/config/contract/hardware-facts';
import { InputError } from '@pxeboot/config/kit/errors';
import { parseSize } from '@pxeboot/config/kit/size';

export interface DiskChoice {
  disk: Disk;
  /** One line per disk seen: taken, or why not. */
  reasons: string[];
  /** Why this one of several suitable disks; absent when there was only one. */
  rule?: string;
}

/** The rule for several suitable disks; README states it. */
const order: readonly Transport[] = ['virtio', 'xen', 'nvme', 'sata', 'scsi', 'mmc', 'other', 'usb'];
const ruleText =
  'the rule takes virtio, then NVMe, then SATA, then SCSI, then the others, and of those the lowest name; ' +
  '"install.disk" in the definition names another';

/** Chooses the disk to install to: the one that the hints name, else the first suitable one by the written rule.
 * Disks that are in use, read-only or too small are never suitable; removable and USB disks only when path, serial or wwn
 * names them.
 * @throws InputError no disk is suitable, or hints name several, suitable or not; the message lists them with their reasons */
export function chooseDisk(disks: readonly Disk[], hints: DiskHints, requiredBytes: number): DiskChoice {
  const wantedBytes = parseSize(hints.min_size ?? '') ?? 0;
  const neededBytes = Math.max(requiredBytes, wantedBytes);
  const judged = disks.map((disk) => ({ disk, refusal: refusalOf(disk, hints, neededBytes) }));
  const named = disks.filter(
    (disk) => missedHint(disk, hints) === undefined && disk.sizeBytes >= Math.max(1, wantedBytes),
  );
  const suitable = judged.filter(({ refusal }) => refusal === undefined).map(({ disk }) => disk);
  const wanted = suitable.toSorted(byTransportThenName)[0];
  const reasons = judged.map(({ disk, refusal }) => {
    const why = refusal ?? (disk === wanted ? 'taken' : 'suitable, but not chosen');
    return `${describeDisk(disk)}: ${why}`;
  });
  const asked = Object.keys(hints).length === 0 ? '' : ` by install.disk ${JSON.stringify(hints)}`;
  if (wanted === undefined) {
    const seen = reasons.length === 0 ? 'this machine has no disk' : reasons.join('; ');
    throw new InputError(
      `choose a disk${asked}: ${seen}; give the VM a writable disk of at least ${formatSize(neededBytes)}`,
    );
  }
  if (namesOne(hints) && named.length > 1) {
    const several = named.map(describeDisk).join('; ');
    throw new InputError(`choose a disk${asked}: it names several disks: ${several}; add a hint that only one fulfils`);
  }
  if (suitable.length === 1) return { disk: wanted, reasons };
  return { disk: wanted, reasons, rule: `${suitable.length} disks are suitable; ${ruleText}` };
}

/** True when there is a disk to choose, whatever its size. */
export function hasCandidate(disks: readonly Disk[], hints: DiskHints): boolean {
  return disks.some((disk) => refusalOf(disk, hints, 0) === undefined);
}

/** True when the hints are about one certain disk. */
function namesOne(hints: DiskHints): boolean {
  return hints.path !== undefined || hints.serial !== undefined || hints.wwn !== undefined;
}

function refusalOf(disk: Disk, hints: DiskHints, neededBytes: number): string | undefined {
  const missed = missedHint(disk, hints);
  if (missed !== undefined) return missed;
  if (disk.sizeBytes === 0) return 'it has no medium';
  if (disk.uses.length > 0) return `it is in use: ${disk.uses.join(', ')}`;
  if (disk.readOnly) return 'it is read-only';
  if (!namesOne(hints)) {
    const only = 'is used only when install.disk names its path, serial or wwn';
    if (disk.transport === 'usb') return `it is attached by USB, which ${only}`;
    if (disk.removable) return `it is removable, which ${only}`;
  }
  if (disk.sizeBytes < neededBytes) return `it is too small, ${formatSize(neededBytes)} are needed`;
  return undefined;
}

function missedHint(disk: Disk, { path, serial, wwn }: DiskHints): string | undefined {
  const misses: [boolean, string, string | undefined][] = [
    [path !== undefined && path !== disk.path && !disk.links.includes(path), 'path', path],
    [serial !== undefined && serial.trim() !== disk.serial, 'serial', serial],
    [wwn !== undefined && (disk.wwn === '' || bareWwn(wwn) !== bareWwn(disk.wwn)), 'wwn', wwn],
  ];
  const [missed] = misses.filter(([isMissed]) => isMissed);
  return missed === undefined ? undefined : `install.disk.${missed[1]} "${missed[2] ?? ''}" does not name it`;
}

/** The kernel writes `naa.5000…` and `eui.0025…`, udev `0x5000…`, the links under /dev/disk/by-id `wwn-0x5000…`. */
function bareWwn(wwn: string): string {
  return wwn.toLowerCase().replace(/^(?:wwn-)?(?:0x|naa\.|eui\.)/, '');
}

function byTransportThenName(a: Disk, b: Disk): number {
  return (
    order.indexOf(a.transport) - order.indexOf(b.transport) ||
    a.name.length - b.name.length ||
    a.name.localeCompare(b.name, 'en', { numeric: true })
  );
}

/** What identifies a disk, as hints may name it. */
function describeDisk(disk: Disk): string {
  const identity = [
    formatSize(disk.sizeBytes),
    disk.transport,
    disk.model,
    ...(disk.serial === '' ? [] : [`serial ${disk.serial}`]),
    ...(disk.wwn === '' ? [] : [`wwn ${disk.wwn}`]),
  ];
  return `${disk.path} (${identity.filter((part) => part !== '').join(', ')})`;
}

/** Bytes for people, in binary units. */
export function formatSize(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
