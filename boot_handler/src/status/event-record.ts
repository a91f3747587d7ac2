import type { StatusEvent } from '@pxeboot/config/contract/status-event';

/** An event as it is kept. The hardware is kept apart: as part of events, a guest could fill the memory with it. */
export type KeptEvent = Omit<StatusEvent, 'facts'> & {
  /** This server's UTC time, ISO 8601: the guest's own clock may be wrong. */
  received_at: string;
};

/** How many events of a VM are kept: a run may have any number. */
export interface RecordLimits {
  firstEvents: number;
  /** The newest, next to the first. */
  lastEvents: number;
}

/** The record of a VM's last run with one event more, in the order of `seq`. A report of bytes takes the place of the one before
 * it of the same step, which says nothing that the newer one does not. Beyond the limits the middle is left out, so that the
 * record tells how the run began and where it is. */
export function addEvent(
  record: readonly KeptEvent[],
  event: KeptEvent,
  { firstEvents, lastEvents }: RecordLimits,
): readonly KeptEvent[] {
  const last = record.at(-1);
  if (last !== undefined && isRepetition(last, event)) {
    return [...record.slice(0, -1), { ...event, received_at: last.received_at }];
  }
  const earlier = last === undefined || event.seq > last.seq ? record : [];
  const events = [...earlier.filter((known) => !isOutdated(known, event)), event];
  if (events.length <= firstEvents + lastEvents) return events;
  return [...events.slice(0, firstEvents), ...events.slice(-lastEvents)];
}

/** `seq` counts from 1 within one run of the installer. The first events of a run may be lost, and one whose answer was lost
 * comes twice. */
function isRepetition(last: KeptEvent, event: KeptEvent): boolean {
  return event.seq === last.seq && event.at === last.at;
}

/** Progress without bytes is a warning, and every one of them counts. */
function isOutdated(known: KeptEvent, event: KeptEvent): boolean {
  return reportsBytes(known) && reportsBytes(event) && known.step === event.step;
}

function reportsBytes({ state, bytes }: KeptEvent): boolean {
  return state === 'progress' && bytes !== undefined;
}
