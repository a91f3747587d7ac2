import type { WatchSetting } from '@pxeboot/config/contract/environment';

/** Native events, or looking again and again. */
export type WatchMode = 'events' | 'poll';

/** What decides how a directory is watched. */
export interface FileSystemFacts {
  /** Of its mount, as /proc/self/mountinfo has it; undefined when the mount cannot be found. Not `f_type` of statfs(2): on a 9p
   * share that is the type on the other side (linux/fs/9p/vfs_super.c, v9fs_statfs). */
  type: string | undefined;
  /** Of an overlay: the type of each directory it is made of; undefined when one cannot be seen from here. */
  layers?: readonly (string | undefined)[] | undefined;
}

export interface WatchDecision {
  mode: WatchMode;
  /** Words for the log. */
  reason: string;
}

/** Changes made by anyone reach inotify. All others are polled: shares (9p, virtiofs, FUSE, NFS and so on), which another system
 * changes, and what is not known. */
const localFileSystems = new Set([
  ...['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'bcachefs', 'reiserfs', 'jfs'],
  ...['tmpfs', 'ramfs', 'vfat', 'exfat'],
]);

/** Events where they are known to arrive, polling everywhere else: a needless poll costs little, a lost save a person's hour. */
export function decideWatchMode(setting: WatchSetting, facts: FileSystemFacts): WatchDecision {
  if (setting !== 'auto') return { mode: setting, reason: `VMS_WATCH is "${setting}"` };
  if (facts.type === 'overlay') return decideOverlay(facts.layers);
  return { mode: isLocal(facts.type) ? 'events' : 'poll', reason: `the file system is ${named(facts.type)}` };
}

function decideOverlay(layers: FileSystemFacts['layers']): WatchDecision {
  if (layers === undefined)
    return { mode: 'poll', reason: 'the file system is an overlay of directories not seen here' };
  const other = layers.findIndex((type) => !isLocal(type));
  if (other === -1) return { mode: 'events', reason: 'the file system is an overlay of local ones' };
  return { mode: 'poll', reason: `the file system is an overlay of ${named(layers[other])}` };
}

function isLocal(type: string | undefined): boolean {
  return type !== undefined && localFileSystems.has(type);
}

function named(type: string | undefined): string {
  return type ?? 'one not known';
}
