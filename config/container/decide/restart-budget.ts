/** One service as supervisord sees it. */
export interface ServiceState {
  name: string;
  /** supervisord's word: STARTING, RUNNING, BACKOFF, FATAL, EXITED, STOPPED, … */
  state: string;
  /** 0 while no process runs. */
  pid: number;
  /** How the last process ended, such as "Exited too quickly (process log may have details)"; may be empty. */
  reason: string;
}

/** How often a service may end before it counts as one that cannot live. */
export interface RestartLimits {
  ends: number;
  windowMs: number;
}

/** Nothing waits for it: what it has found before stays, and a VM boots without. */
const dispensable: ReadonlySet<string> = new Set(['image-inspector']);
const restartLimits: RestartLimits = { ends: 5, windowMs: 60_000 };

/** What is remembered of one service between two looks. */
export interface ServiceHistory {
  pid: number;
  /** Times of the ends seen within the window. */
  endedAtMs: readonly number[];
}

export type Histories = ReadonlyMap<string, ServiceHistory>;

export interface Verdict {
  histories: Histories;
  /** Why the container must end; undefined while all is well. */
  giveUp: string | undefined;
}

/** Counts the ends of each service and judges.
 * supervisord alone cannot: a program that lives a little longer than `startsecs` never becomes FATAL. */
export function judgeServices(
  histories: Histories,
  states: readonly ServiceState[],
  nowMs: number,
  limits: RestartLimits = restartLimits,
): Verdict {
  const next = new Map<string, ServiceHistory>();
  let giveUp: string | undefined;
  for (const service of states) {
    const history = remember(histories.get(service.name), service, nowMs, limits.windowMs);
    next.set(service.name, history);
    giveUp ??= reasonToGiveUp(service, history, limits);
  }
  return { histories: next, giveUp };
}

function remember(
  before: ServiceHistory | undefined,
  service: ServiceState,
  nowMs: number,
  windowMs: number,
): ServiceHistory {
  const recent = (before?.endedAtMs ?? []).filter((at) => nowMs - at < windowMs);
  const ended = before !== undefined && before.pid !== 0 && before.pid !== service.pid;
  return { pid: service.pid, endedAtMs: ended ? [...recent, nowMs] : recent };
}

function reasonToGiveUp(service: ServiceState, history: ServiceHistory, limits: RestartLimits): string | undefined {
  if (dispensable.has(service.name)) return undefined;
  const why = service.reason === '' ? '' : `: ${service.reason}`;
  if (service.state === 'FATAL') return `${service.name} does not start${why}`;
  if (history.endedAtMs.length >= limits.ends) {
    return `${service.name} ended ${history.endedAtMs.length} times within ${limits.windowMs / 1000} s${why}`;
  }
  return undefined;
}
