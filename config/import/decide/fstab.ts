import { unescapeOctal } from '../../kit/mount-info.ts';
import type { Partition } from './partition-list.ts';

/** A line of etc/fstab. */
export interface FstabEntry {
  /** Such as `UUID=…`, `LABEL=BOOT`, `/dev/vda16`. */
  source: string;
  /** Without a slash at its end. */
  mountPoint: string;
  type: string;
  options: string[];
}

/** What identifies a file system of the image. */
export interface FileSystemName {
  partition: Partition;
  /** As blkid says it, such as `ext4`. */
  type: string;
  uuid: string;
  label: string;
}

/** Network, memory and other file systems that no disk holds. */
const notOnDisk = [
  'swap',
  'tmpfs',
  'proc',
  'sysfs',
  'devpts',
  'devtmpfs',
  'nfs',
  'nfs4',
  'cifs',
  'overlay',
  '9p',
  'virtiofs',
];

/** The file systems on disks that a system mounts, the root with them.
 * @see fstab(5) */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    if (/^\s*(#|$)/.test(line)) return [];
    const [source = '', at = '', type = '', options = 'defaults'] = line.trim().split(/\s+/).map(unescapeOctal);
    if (!at.startsWith('/') || notOnDisk.includes(type)) return [];
    const entry = { source, mountPoint: at.replace(/(?<=.)\/+$/, ''), type, options: options.split(',') };
    return entry.options.includes('bind') ? [] : [entry];
  });
}

/** The options that choose a subvolume of btrfs, as mount takes them; none: the default one. */
export function subvolumeOptions({ options }: Pick<FstabEntry, 'options'>): string[] {
  return options.filter((option) => /^subvol(id)?=/.test(option));
}

/** The path of the subvolume without slashes around it; undefined when the entry names none by its path. */
export function subvolumePath({ options }: Pick<FstabEntry, 'options'>): string | undefined {
  return options
    .find((option) => option.startsWith('subvol='))
    ?.slice('subvol='.length)
    .replace(/^\/+|\/+$/g, '');
}

/** Whether an entry of btrfs names a subvolume, and not the top level (5, which 0 means too) or the default one.
 * @see btrfs(5), "subvolid" */
export function namesSubvolume(entry: Pick<FstabEntry, 'options'>): boolean {
  const topLevel = ['subvolid=5', 'subvolid=0'];
  const named = subvolumeOptions(entry).filter((option) => !topLevel.includes(option));
  return named.length > 0 && subvolumePath(entry) !== '';
}

/** Which file system of the image an entry means; undefined when it is none of them. A device by its name, such as `/dev/vda16`, is
 * taken by the number at its end, when it is on the first disk of its kind: the image is one disk, and others are not in it. */
export function fileSystemOf<F extends FileSystemName>(source: string, fileSystems: readonly F[]): F | undefined {
  const [, tag, quoted = ''] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(source) ?? bySymbolicLink(source);
  const value = quoted.replace(/^"(.*)"$/, '$1');
  if (tag !== undefined && value === '') return undefined;
  const same = (text: string): boolean => text.toLowerCase() === value.toLowerCase();
  switch (tag) {
    case 'UUID':
      return fileSystems.find(({ uuid }) => same(uuid));
    case 'LABEL':
      return fileSystems.find(({ label }) => label === value);
    case 'PARTUUID':
      return fileSystems.find(({ partition }) => same(partition.uuid));
    case 'PARTLABEL':
      return fileSystems.find(({ partition }) => partition.name === value);
    case undefined:
    default: {
      const [, number] = /^\/dev\/(?:(?:[hsv]|xv)da|(?:nvme0n1|mmcblk0)p)(\d+)$/.exec(source) ?? [];
      return fileSystems.find(({ partition }) => partition.number === Number(number));
    }
  }
}

function bySymbolicLink(source: string): [string, string | undefined, string] {
  const [, kind = '', value = ''] = /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.*)$/.exec(source) ?? [];
  return [source, kind === '' ? undefined : kind.toUpperCase(), value];
}
