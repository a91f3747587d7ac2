import type { HardwareFacts } from '@pxeboot/config/contract/hardware-facts';
import type { StatusEvent } from '@pxeboot/config/contract/status-event';

import type { KeptEvent, RecordLimits } from './event-record.ts';
import { addEvent } from './event-record.ts';

/** What each VM's last installation has reported, in memory: it may be lost at any time. */
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

export interface StatusLimits extends RecordLimits {
  vms: number;
  /** Of all VMs together, as `bytesOf` counts: 0.75 MB of one VM at most, 30 KB of an honest one. */
  bytes: number;
}

/** An installation has about 40 events. */
const usualLimits: StatusLimits = { vms: 1000, firstEvents: 16, lastEvents: 48, bytes: 64 * 2 ** 20 };

interface VmStatus {
  events: readonly KeptEvent[];
  facts: HardwareFacts | undefined;
  factsBytes: number;
}

/** @param now the time @param limits beyond them the VM that has been silent longest is forgotten */
export function createStatusStore(now: () => Date, limits: StatusLimits = usualLimits): StatusStore {
  /** The VM that was heard last comes last. */
  const statuses = new Map<string, VmStatus>();
  let bytes = 0;

  function forget(mac: string): void {
    const known = statuses.get(mac);
    if (known !== undefined) bytes -= bytesOf(known);
    statuses.delete(mac);
  }

  function remember(mac: string, status: VmStatus): void {
    statuses.set(mac, status);
    bytes += bytesOf(status);
  }

  function forgetSilent(): void {
    for (const mac of statuses.keys()) {
      if (statuses.size === 1 || (statuses.size <= limits.vms && bytes <= limits.bytes)) return;
      forget(mac);
    }
  }

  return {
    add(mac, { facts, ...event }) {
      const known = statuses.get(mac) ?? { events: [], facts: undefined, factsBytes: 0 };
      const hardware = facts === undefined ? known : { facts, factsBytes: 2 * JSON.stringify(facts).length };
      const events = addEvent(known.events, { ...event, received_at: now().toISOString() }, limits);
      forget(mac);
      remember(mac, { facts: hardware.facts, factsBytes: hardware.factsBytes, events });
      forgetSilent();
    },
    events: (mac) => statuses.get(mac)?.events ?? [],
    facts: (mac) => statuses.get(mac)?.facts,
    succeeded: (mac) => successOf(statuses.get(mac)?.events) !== undefined,
    doneToken: (mac) => successOf(statuses.get(mac)?.events)?.reinstall_token,
  };
}

/** Of an event's numbers and references. */
const eventBytes = 400;

/** The memory that a VM's reports take, about: a character has up to two bytes, and the facts take no more than their JSON. */
function bytesOf({ events, factsBytes }: VmStatus): number {
  return events.reduce((sum, event) => sum + eventBytes + 2 * charactersOf(event), factsBytes);
}

function charactersOf({ at, step, message = '', reinstall_token = '', received_at }: KeptEvent): number {
  return at.length + step.length + message.length + reinstall_token.length + received_at.length;
}

/** A run that succeeds says so last; after a lost beginning, what stands before may be of an earlier run. */
function successOf(events: readonly KeptEvent[] | undefined): KeptEvent | undefined {
  const last = events?.at(-1);
  const done = last?.step === 'install' || last?.step === 'already-installed';
  return done && last.state === 'finished' ? last : undefined;
}
