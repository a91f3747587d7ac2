import type { WatchSetting } from '@pxeboot/config/environment';

/** Native events, or looking again and again. */
export type WatchMode = 'events' | 'poll';

/** What decides how a directory is watched. */
export interface FileSystemFacts {
  /** `f_type` of statfs(2). */
  magic: number;
  /** Of an overlay: the `f_type` of each directory it is made of; undefined when one cannot be seen from here. */
  layers?: readonly number[] | undefined;
}

export interface WatchDecision {
  mode: WatchMode;
  /** Words for the log. */
  reason: string;
}

const overlay = 0x794c7630;

/** Changes made by anyone reach inotify. Source: statfs(2), linux/magic.h. */
const localFileSystems = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0xf2f52010, 'f2fs'],
  [0x2fc12fc1, 'zfs'],
  [0xca451a4e, 'bcachefs'],
  [0x52654973, 'reiserfs'],
  [0x3153464a, 'jfs'],
  [0x4d44, 'vfat'],
  [0x2011bab0, 'exfat'],
]);

/** Another system changes the files, and inotify does not hear of it. Virtiofs shows itself as FUSE. */
const shares = new Map([
  [0x01021997, '9p'],
  [0x65735546, 'FUSE or virtiofs'],
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x786f4256, 'vboxsf'],
  [0xbacbacbc, 'vmhgfs'],
  [0x7c7c6673, 'prl_fs'],
]);

/** Events where they are known to arrive, polling everywhere else: a needless poll costs little, a lost save a person's hour. */
export function decideWatchMode(setting: WatchSetting, facts: FileSystemFacts): WatchDecision {
  if (setting !== 'auto') return { mode: setting, reason: `VMS_WATCH is "${setting}"` };
  if (facts.magic === overlay) return decideOverlay(facts.layers);
  const local = localFileSystems.get(facts.magic);
  if (local !== undefined) return { mode: 'events', reason: `the file system is ${local}` };
  return { mode: 'poll', reason: `the file system is ${shares.get(facts.magic) ?? nameUnknown(facts.magic)}` };
}

function decideOverlay(layers: readonly number[] | undefined): WatchDecision {
  if (layers === undefined)
    return { mode: 'poll', reason: 'the file system is an overlay of directories not seen here' };
  const other = layers.find((magic) => !localFileSystems.has(magic));
  if (other === undefined) return { mode: 'events', reason: 'the file system is an overlay of local ones' };
  return { mode: 'poll', reason: `the file system is an overlay of ${shares.get(other) ?? nameUnknown(other)}` };
}

function nameUnknown(magic: number): string {
  return `of a kind not known here (0x${magic.toString(16)})`;
}
