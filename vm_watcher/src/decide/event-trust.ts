/** Judges whether file events really arrive, without writing anything: a change that no event told of is the proof that
 * they do not. All times are of a clock that never jumps. */
export interface EventTrust {
  /** A new watch is being set up: until its first event (its being ready counts as one) silence means nothing. */
  restart(): void;
  noteEvent(atMs: number): void;
  /** A slow rescan begins; what it finds should have been announced. */
  noteRescan(atMs: number, changedPasses: number): void;
  /** @returns the moment since which there must have been an event; undefined when nothing has changed */
  silenceToJudge(seen: { directoryChanged: boolean; lastLookMs: number; changedPasses: number }): number | undefined;
  silentSince(ms: number): boolean;
}

/** An event of a change just before the rescan may have come before the rescan began. */
const announcedEarlierMs = 2000;

/** Trusts events until a silence is proven. */
export function createEventTrust(): EventTrust {
  let lastEventMs = Infinity;
  let rescan: { atMs: number; changedPasses: number } | undefined;

  return {
    restart() {
      lastEventMs = Infinity;
      rescan = undefined;
    },
    noteEvent(atMs) {
      lastEventMs = atMs;
    },
    noteRescan(atMs, changedPasses) {
      rescan = { atMs, changedPasses };
    },
    silenceToJudge({ directoryChanged, lastLookMs, changedPasses }) {
      const judged = rescan;
      rescan = undefined;
      if (directoryChanged) return lastLookMs;
      return judged !== undefined && changedPasses > judged.changedPasses
        ? judged.atMs - announcedEarlierMs
        : undefined;
    },
    silentSince: (ms) => lastEventMs < ms,
  };
}
