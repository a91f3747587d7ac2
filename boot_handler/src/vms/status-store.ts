import type { StatusEvent } from '@pxeboot/config/status-event';

/** The last events of each VM's last installation, in memory: it may be lost at any time. */
export interface StatusStore {
  add(mac: string, event: StatusEvent): void;
  events(mac: string): readonly StatusEvent[];
  /** The hardware that the VM has reported last, not yet validated; undefined when it never has. */
  facts(mac: string): unknown;
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
  const eventsByMac = new Map<string, readonly StatusEvent[]>();
  const factsByMac = new Map<string, unknown>();
  return {
    add(mac, event) {
      // seq counts from 1 within one run of the installer.
      const earlier = event.seq === 1 ? [] : (eventsByMac.get(mac) ?? []);
      eventsByMac.delete(mac);
      eventsByMac.set(mac, [...earlier, event].slice(-limits.eventsPerVm));
      const [oldest] = eventsByMac.keys();
      if (eventsByMac.size > limits.vms && oldest !== undefined) {
        eventsByMac.delete(oldest);
        factsByMac.delete(oldest);
      }
      if (event.facts !== undefined) factsByMac.set(mac, event.facts);
    },
    events: (mac) => eventsByMac.get(mac) ?? [],
    facts: (mac) => factsByMac.get(mac),
    succeeded: (mac) => eventsByMac.get(mac)?.some(isSuccess) ?? false,
    doneToken: (mac) => eventsByMac.get(mac)?.find(isSuccess)?.reinstall_token,
  };
}

function isSuccess({ step, state }: StatusEvent): boolean {
  return state === 'finished' && (step === 'install' || step === 'already-installed');
}
