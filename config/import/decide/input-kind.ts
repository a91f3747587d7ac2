import type { Packing } from '../../kit/packing.ts';
import { contentName, packingOf } from '../../kit/packing.ts';

/** What is imported. A `raw` one is a disk with a partition table, or a file system alone. */
export type InputKind = { kind: 'qcow2' | 'raw' } | { kind: 'tarball'; packing: Packing };

/** How many of a file's first bytes tell its kind: a superblock of btrfs ends there. */
export const inputHeadBytes = 70_000;

/** Virtual disks that only their own tools read. QEMU, block/vmdk.c, block/vdi.c, block/vhdx.c, block/vpc.c. */
const otherDisks: readonly [string, number, string][] = [
  ['a VMDK disk image', 0, 'KDMV'],
  ['a VMDK disk image', 0, '# Disk DescriptorFile'],
  ['a VHDX disk image', 0, 'vhdxfile'],
  ['a VHD disk image', 0, 'conectix'],
  ['a VDI disk image', 64, '\x7f\x10\xda\xbe'],
];

/** By a file's first bytes. A raw disk is known by the boot signature of its first sector, by the header of a GPT, or by the magic
 * number of a file system that can be imported.
 * @param head `inputHeadBytes` of them, or all that there are
 * @returns the kind; else what the file is, for people */
export function inputKind(head: Uint8Array): { found: InputKind } | { is: string; advice?: string } {
  const bytes = Buffer.from(head);
  const packing = packingOf(bytes);
  if (packing !== undefined) return { found: { kind: 'tarball', packing } };
  if (startsAt(bytes, 0, 'QFI\xfb')) return { found: { kind: 'qcow2' } };
  const other = otherDisks.find(([, offset, magic]) => startsAt(bytes, offset, magic));
  if (other !== undefined)
    return { is: other[0], advice: 'convert it first: qemu-img convert -O qcow2 FILE FILE.qcow2' };
  if (isRawDisk(bytes)) return { found: { kind: 'raw' } };
  return { is: contentName(bytes) };
}

/** UEFI 2.10, 5.3.2 (GPT, in sector 1 of 512 or 4096 bytes) and 5.2.1 (MBR); Linux, fs/ext4/ext4.h, fs/xfs/libxfs/xfs_format.h,
 * include/uapi/linux/btrfs_tree.h; LUKS on-disk format; LVM2, lib/format_text/layout.h. The last two are named later. */
function isRawDisk(bytes: Buffer): boolean {
  const signatures: readonly [number, string][] = [
    [510, '\x55\xaa'],
    [512, 'EFI PART'],
    [4096, 'EFI PART'],
    [0x400 + 0x38, '\x53\xef'],
    [0, 'XFSB'],
    [0x10040, '_BHRfS_M'],
    [0, 'LUKS\xba\xbe'],
    [512, 'LABELONE'],
  ];
  return signatures.some(([offset, magic]) => startsAt(bytes, offset, magic));
}

function startsAt(bytes: Buffer, offset: number, magic: string): boolean {
  return bytes.subarray(offset, offset + magic.length).toString('latin1') === magic;
}
