import type { WatchSetting } from '@pxeboot/config/contract/environment';

import type { FileSystemFacts, WatchDecision } from './watch-mode.ts';
import { decideWatchMode } from './watch-mode.ts';

/** A directory at one moment. */
export interface DirectoryLook {
  /** Differs when another directory, or another file system, has taken the path. */
  identity: string;
  /** Differs when a file has come, gone or been renamed. */
  stamp: string;
  facts: FileSystemFacts;
}

/** Why a watch sees nothing more: what has the path now is not what is watched, or the kernel has no watch left. */
export type LostWatch = 'directory' | 'watches';

/** What is known at a look; a look is undefined while there is no directory. */
export interface Watched {
  /** The look before. */
  seen: DirectoryLook | undefined;
  found: DirectoryLook | undefined;
  lost: LostWatch | undefined;
  /** How the directory is watched now; undefined: not at all. */
  decision: WatchDecision | undefined;
}

export type NextWatch =
  | { step: 'go-on' }
  /** Ends the watch and starts this one; undefined: there is nothing to watch. */
  | { step: 'follow'; decision: WatchDecision | undefined }
  /** Events are relied on: if something has changed, one must have told of it. */
  | { step: 'judge-silence'; directoryChanged: boolean };

/** What a look at the directory leads to: one that was replaced is decided again, one without watches is polled. */
export function nextWatch(setting: WatchSetting, { seen, found, lost, decision }: Watched): NextWatch {
  if (lost === 'directory' || found?.identity !== seen?.identity)
    return { step: 'follow', decision: found === undefined ? undefined : decideWatchMode(setting, found.facts) };
  if (lost === 'watches') return { step: 'follow', decision: { mode: 'poll', reason: 'the kernel has no watch left' } };
  if (found === undefined || decision?.mode !== 'events') return { step: 'go-on' };
  return { step: 'judge-silence', directoryChanged: found.stamp !== seen?.stamp };
}

/** What to do once a silence is proven. */
export interface Distrust {
  /** For the log; undefined: nothing to mend. */
  fix: string | undefined;
  /** The watch that takes over; undefined: the setting keeps the one that there is. */
  decision: WatchDecision | undefined;
}

/** What follows when a change came without an event: polling, where the setting leaves the choice. */
export function distrustEvents(setting: WatchSetting): Distrust {
  if (setting !== 'auto') return { fix: 'set VMS_WATCH=auto', decision: undefined };
  return { fix: undefined, decision: { mode: 'poll', reason: 'the directory changed without an event' } };
}
