import { setTimeout as sleep } from 'node:timers/promises';

import type { WatchSetting } from '@pxeboot/config/contract/environment';
import { describeError, isErrno } from '@pxeboot/config/kit/errors';
import type { Log } from '@pxeboot/config/host/log';

import type { EventTrust } from '../decide/event-trust.ts';
import { createEventTrust } from '../decide/event-trust.ts';
import type { DirectoryLook } from './look-at-directory.ts';
import { lookAtDirectory } from './look-at-directory.ts';
import { poll } from './poll.ts';
import { watchDirectory } from './watch-directory.ts';
import type { WatchDecision } from '../decide/watch-mode.ts';
import { decideWatchMode } from '../decide/watch-mode.ts';

/** Notices that definitions may have changed, on any file system. */
export interface Follower {
  /** One look at the directory itself: has it gone, come back, been mounted anew, changed unannounced? */
  look(): Promise<void>;
  /** One scan that catches what events missed. */
  rescan(): void;
  close(): Promise<void>;
}

export interface FollowerOptions {
  directory: string;
  setting: WatchSetting;
  /** Starts a pass; a pass that finds nothing changed must be cheap. */
  trigger(): void;
  passes(): PassFigures;
  log: Log;
}

export interface PassFigures {
  /** How many passes have found a change so far. */
  changed: number;
  /** Processor time of the last pass that found none. */
  lastCpuMs: number;
}

/** An event is read from the kernel a moment after the change that it tells of. */
const eventGraceMs = 250;

/** The limit that was reached, by the error of inotify_add_watch(2) and of inotify_init(2). */
const inotifyLimits = { ENOSPC: 'fs.inotify.max_user_watches', EMFILE: 'fs.inotify.max_user_instances' };

/** Decides by file system and setting, watches, and checks whether the decision still holds: a directory that was replaced is
 * decided anew, and one that changed without any event, or that the kernel has no watch left for, is polled from then on. */
export function createFollower({ directory, setting, trigger, passes, log }: FollowerOptions): Follower {
  const trust = createEventTrust();
  let seen: DirectoryLook | undefined;
  let decision: WatchDecision | undefined;
  let stop: () => void | Promise<void> = () => undefined;
  let lastLookMs = 0;
  let lost: 'directory' | 'watches' | undefined;

  async function look(): Promise<void> {
    const startedMs = performance.now();
    const found = await lookAtDirectory(directory);
    if (lost === 'directory' || found?.identity !== seen?.identity)
      await follow(found === undefined ? undefined : decideWatchMode(setting, found.facts));
    else if (lost === 'watches') await follow({ mode: 'poll', reason: 'the kernel has no watch left' });
    else if (found !== undefined && decision?.mode === 'events' && (await changedUnannounced(found))) await distrust();
    seen = found;
    lastLookMs = startedMs;
  }

  async function changedUnannounced({ stamp }: DirectoryLook): Promise<boolean> {
    const change = { directoryChanged: stamp !== seen?.stamp, lastLookMs, changedPasses: passes().changed };
    return staysSilent(trust, trust.silenceToJudge(change));
  }

  async function distrust(): Promise<void> {
    log.warn('file events do not arrive', { vms: directory, fix: adviceOn(setting) });
    trust.restart(); // Said once.
    if (setting === 'auto') await follow({ mode: 'poll', reason: 'the directory changed without an event' });
    else trigger();
  }

  async function follow(next: WatchDecision | undefined): Promise<void> {
    await stop();
    lost = undefined;
    decision = next;
    stop = start(next);
    if (next !== undefined) log.info('watching', { vms: directory, mode: next.mode, reason: next.reason });
    trigger();
  }

  function start(next: WatchDecision | undefined): () => void | Promise<void> {
    if (next === undefined) return () => undefined;
    if (next.mode === 'poll') return poll(trigger, () => passes().lastCpuMs);
    trust.restart();
    const watcher = watchDirectory(directory, {
      onEvent,
      onReplaced: () => (lost = 'directory'),
      onError: (error) => (lost ??= reportWatchError(error, directory, log) ? 'watches' : undefined),
    });
    // Ready: what was saved while the watch was being set up is looked for.
    watcher.once('ready', onEvent);
    return () => watcher.close();
  }

  function onEvent(): void {
    trust.noteEvent(performance.now());
    trigger();
  }

  return {
    look,
    rescan() {
      trust.noteRescan(performance.now(), passes().changed);
      trigger();
    },
    close: async () => stop(),
  };
}

function adviceOn(setting: WatchSetting): string | undefined {
  return setting === 'auto' ? undefined : 'set VMS_WATCH=auto';
}

async function staysSilent(trust: EventTrust, sinceMs: number | undefined): Promise<boolean> {
  if (sinceMs === undefined || !trust.silentSince(sinceMs)) return false;
  await sleep(eventGraceMs);
  return trust.silentSince(sinceMs);
}

/** Logs why events are missing; true when there will be none. Then even VMS_WATCH=events is answered by polling: nothing would be
 * noticed between two rescans. */
function reportWatchError(error: unknown, directory: string, log: Log): boolean {
  const reason = describeError(error);
  const limit = isErrno(error, 'ENOSPC') ? inotifyLimits.ENOSPC : inotifyLimits.EMFILE;
  if (!isErrno(error, ...Object.keys(inotifyLimits))) {
    log.warn('file events are not complete, rescans go on', { reason });
    return false;
  }
  const fix = `raise ${limit} on the host ("sysctl ${limit}" shows it, "sysctl -w ${limit}=NUMBER" sets it), then restart`;
  log.warn('no file events, the directory is polled', { vms: directory, reason, fix });
  return true;
}
