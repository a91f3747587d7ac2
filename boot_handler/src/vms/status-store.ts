import type { HardwareFacts } from '@pxeboot/config/hardware-facts';
import type { StatusEvent } from '@pxeboot/config/status-event';

/** The hardware is kept apart: as part of events, a guest could fill the memory with it. */
export type KeptEvent = Omit<StatusEvent, 'facts'>;

/** The last events of each VM's last installation, in memory: it may be lost at any time. */
export interface StatusStore {
  add(mac: string, event: StatusEvent): void;
  events(mac: string): readonly KeptEvent[];
  /** The hardware that the VM has reported last; undefined when it never has. */
  facts(mac: string): HardwareFacts | undefined;
  /** True when the last run of the installer ended with an installed system. */
  succeeded(mac: string): boolean;
  /** The reinstall token that the last run has done; undefined when it has not succeeded, or when that is not known. */
  doneToken(mac: string): string | undefined;
}

export interface StatusLimits {
  vms: number;
  eventsPerVm: number;
}

/** @param limits beyond them the VM that has been silent longest, or its oldest events, are forgotten */
export function createStatusStore(limits: StatusLimits = { vms: 1000, eventsPerVm: 64 }): StatusStore {
  const eventsByMac = new Map<string, readonly KeptEvent[]>();
  const factsByMac = new Map<string, HardwareFacts>();
  return {
    add(mac, event) {
      const { facts, ...lasting } = event;
      const earlier = earlierInSameRun(eventsByMac.get(mac) ?? [], event);
      eventsByMac.delete(mac);
      eventsByMac.set(mac, [...earlier, lasting].slice(-limits.eventsPerVm));
      const [oldest] = eventsByMac.keys();
      if (eventsByMac.size > limits.vms && oldest !== undefined) {
        eventsByMac.delete(oldest);
        factsByMac.delete(oldest);
      }
      if (facts !== undefined) factsByMac.set(mac, facts);
    },
    events: (mac) => eventsByMac.get(mac) ?? [],
    facts: (mac) => factsByMac.get(mac),
    succeeded: (mac) => successOf(eventsByMac.get(mac)) !== undefined,
    doneToken: (mac) => successOf(eventsByMac.get(mac))?.reinstall_token,
  };
}

/** `seq` counts from 1 within one run of the installer. The first events of a run may be lost, and one whose answer was lost
 * comes twice. */
function earlierInSameRun(known: readonly KeptEvent[], { seq, at }: StatusEvent): readonly KeptEvent[] {
  const last = known.at(-1);
  if (last === undefined || seq > last.seq) return known;
  return seq === last.seq && at === last.at ? known.slice(0, -1) : [];
}

/** A run that succeeds says so last; after a lost beginning, what stands before may be of an earlier run. */
function successOf(events: readonly KeptEvent[] | undefined): KeptEvent | undefined {
  const last = events?.at(-1);
  const done = last?.step === 'install' || last?.step === 'already-installed';
  return done && last.state === 'finished' ? last : undefined;
}
