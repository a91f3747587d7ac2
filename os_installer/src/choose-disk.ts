import { InputError } from '@pxeboot/config/errors';

import type { Disk, HardwareFacts } from './facts.ts';

export interface DiskChoice {
  disk: Disk;
  /** One line per disk seen: taken, or why not. */
  reasons: string[];
}

const kindsInOrder = [/^vd/, /^nvme/, /^sd/, /^xvd/, /^mmcblk/];

/** Chooses the disk to install to.
 * Rule: the hint, if there is one; else the first suitable disk, virtio before NVMe before SCSI and SATA, then by name.
 * Read-only, removable and too small disks are never suitable, not even when hinted.
 * @throws InputError no disk is suitable; the message lists every disk with its reason */
export function chooseDisk(
  facts: Pick<HardwareFacts, 'disks' | 'hintedDisk'>,
  hint: string | undefined,
  requiredBytes: number,
): DiskChoice {
  const judged = facts.disks.map((disk) => ({ disk, refusal: refusalOf(disk, requiredBytes) }));
  const suitable = judged.filter(({ refusal }) => refusal === undefined).map(({ disk }) => disk);
  const wanted =
    hint === undefined ? suitable.toSorted(byKindThenName)[0] : suitable.find((d) => d.path === facts.hintedDisk);
  const reasons = judged.map(({ disk, refusal }) => {
    const why = refusal ?? (disk === wanted ? 'taken' : 'suitable, but not chosen');
    return `${disk.path} (${formatSize(disk.sizeBytes)}${disk.model === '' ? '' : `, ${disk.model}`}): ${why}`;
  });
  if (wanted !== undefined) return { disk: wanted, reasons };
  const seen = reasons.length === 0 ? 'this machine has no disk' : reasons.join('; ');
  const asked = hint === undefined ? '' : ` named by install.disk.path "${hint}"`;
  throw new InputError(
    `choose a disk${asked}: ${seen}; give the VM a writable disk of at least ${formatSize(requiredBytes)}`,
  );
}

function refusalOf(disk: Disk, requiredBytes: number): string | undefined {
  if (disk.readOnly) return 'it is read-only';
  if (disk.removable) return 'it is removable';
  if (disk.sizeBytes < requiredBytes) return `it is too small, ${formatSize(requiredBytes)} are needed`;
  return undefined;
}

function byKindThenName(a: Disk, b: Disk): number {
  return rank(a) - rank(b) || a.name.localeCompare(b.name, 'en', { numeric: true });
}

function rank(disk: Disk): number {
  const index = kindsInOrder.findIndex((kind) => kind.test(disk.name));
  return index === -1 ? kindsInOrder.length : index;
}

/** Bytes for people, in binary units. */
export function formatSize(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${gib.toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
