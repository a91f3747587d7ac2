import { setTimeout as sleep } from 'node:timers/promises';

import type { WatchSetting } from '@pxeboot/config/contract/environment';
import type { Log } from '@pxeboot/config/host/log';

import type { EventTrust } from '../decide/event-trust.ts';
import { createEventTrust } from '../decide/event-trust.ts';
import type { DirectoryLook, LostWatch } from '../decide/next-watch.ts';
import { distrustEvents, nextWatch } from '../decide/next-watch.ts';
import { explainWatchError } from '../decide/watch-error.ts';
import type { WatchDecision } from '../decide/watch-mode.ts';
import { lookAtDirectory } from './look-at-directory.ts';
import { poll } from './poll.ts';
import { watchDirectory } from './watch-directory.ts';

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
  /** The directories inside it that definitions are links into. */
  linkedDirectories(): readonly string[];
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

/** One way of watching, from its start to its end. */
interface Watch {
  decision: WatchDecision | undefined;
  lost: LostWatch | undefined;
  /** Watches directories that hold what links lead to. @returns those that were not watched */
  watchAlso(directories: readonly string[]): string[];
  stop(): void | Promise<void>;
}

const nothingNew = (): string[] => [];
const noWatch: Watch = { decision: undefined, lost: undefined, watchAlso: nothingNew, stop: () => undefined };

/** Decides by file system and setting, watches, and checks whether the decision still holds: a directory that was replaced is
 * decided anew, and one that changed without any event, or that the kernel has no watch left for, is polled from then on. */
export function createFollower(options: FollowerOptions): Follower {
  const { directory, setting, trigger, passes, log } = options;
  const trust = createEventTrust();
  const followLinks = createLinkFollower(options);
  let watch = noWatch;
  let last: { seen: DirectoryLook | undefined; atMs: number } = { seen: undefined, atMs: 0 };

  async function look(): Promise<void> {
    const atMs = performance.now();
    const found = await lookAtDirectory(directory);
    const next = nextWatch(setting, { seen: last.seen, found, lost: watch.lost, decision: watch.decision });
    if (next.step === 'follow') await follow(next.decision);
    if (next.step === 'judge-silence' && (await changedUnannounced(next.directoryChanged))) await distrust();
    last = { seen: found, atMs };
    followLinks(watch.watchAlso);
  }

  async function changedUnannounced(directoryChanged: boolean): Promise<boolean> {
    const change = { directoryChanged, lastLookMs: last.atMs, changedPasses: passes().changed };
    return staysSilent(trust, trust.silenceToJudge(change));
  }

  async function distrust(): Promise<void> {
    const { fix, decision } = distrustEvents(setting);
    log.warn('file events do not arrive', { vms: directory, fix });
    trust.restart(); // Said once.
    if (decision === undefined) trigger();
    else await follow(decision);
  }

  async function follow(next: WatchDecision | undefined): Promise<void> {
    await watch.stop();
    watch = start(next);
    if (next !== undefined) log.info('watching', { vms: directory, mode: next.mode, reason: next.reason });
    trigger();
  }

  function start(decision: WatchDecision | undefined): Watch {
    if (decision === undefined) return noWatch;
    if (decision.mode === 'poll') return startPolling(decision, trigger, passes);
    trust.restart();
    return startWatching(decision, directory, onEvent, log);
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
    close: async () => watch.stop(),
  };
}

/** Looks again and again; what links lead to is looked at with the rest. */
function startPolling(decision: WatchDecision, trigger: () => void, passes: () => PassFigures): Watch {
  const stop = poll(trigger, () => passes().lastCpuMs);
  return { decision, lost: undefined, watchAlso: nothingNew, stop };
}

/** Takes events, of directories that links lead to as well. */
function startWatching(decision: WatchDecision, directory: string, onEvent: () => void, log: Log): Watch {
  const started: Watch = {
    decision,
    lost: undefined,
    watchAlso: (directories) => watcher.watchAlso(directories),
    stop: () => watcher.close(),
  };
  const watcher = watchDirectory(directory, {
    onEvent,
    onReplaced: () => (started.lost = 'directory'),
    onError: (error) => (started.lost ??= lossBy(error)),
  });

  function lossBy(error: unknown): LostWatch | undefined {
    const { message, fields, noEvents } = explainWatchError(error, directory);
    log.warn(message, fields);
    return noEvents ? 'watches' : undefined;
  }

  return started;
}

async function staysSilent(trust: EventTrust, sinceMs: number | undefined): Promise<boolean> {
  if (sinceMs === undefined || !trust.silentSince(sinceMs)) return false;
  await sleep(eventGraceMs);
  return trust.silentSince(sinceMs);
}

/** What a link leads to may be edited in its place, of which the directory of definitions has no event.
 * @returns watches where the links lead now */
function createLinkFollower({
  linkedDirectories,
  trigger,
  log,
}: FollowerOptions): (watchAlso: Watch['watchAlso']) => void {
  let areNew = false;

  return (watchAlso) => {
    // What was saved until the watch was there.
    if (areNew) trigger();
    const added = watchAlso(linkedDirectories());
    areNew = added.length > 0;
    for (const path of added) log.info('watching what links lead to', { directory: path });
  };
}
