import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import type { Log } from '@pxeboot/config/host/log';

import type { FormerVm } from '../decide/stale-leases.ts';
import { readdressedVms, staleLeases } from '../decide/stale-leases.ts';
import type { TaskOutcome } from '../watch/coalescer.ts';
import type { Leases } from './dnsmasq-leases.ts';

/** Ends the leases that contradict the definitions in force: a lease outlives its definition and would keep its address and
 * its DNS name. */
export interface LeaseKeeper {
  /** Takes note of the definitions in force from now on. */
  follow(definitions: readonly VmDefinition[]): void;
  /** Releases what is stale; unfinished when a lease is left, or may have been missed.
   * @throws HostError the lease file cannot be read */
  pass(): Promise<TaskOutcome>;
}

/** dnsmasq empties its lease file before it writes it again, above all when it is told of changed definitions: one look may
 * miss what is there, so looking goes on for this long. */
const settleMs = 10_000;
/** dnsmasq reads changed definitions at once, and counts whole seconds. */
const rereadSeconds = 1;

/** A definition in force at the end of an earlier run, and since when it was. */
export interface EarlierVm {
  definition: VmDefinition;
  /** Seconds since 1970. */
  since: number;
}

export interface Clocks {
  /** Never jumps; in ms. */
  now(): number;
  /** dnsmasq's: seconds since 1970. */
  time(): number;
}

const machineClocks: Clocks = { now: () => performance.now(), time: () => Date.now() / 1000 };

export function createLeaseKeeper(
  leases: Leases,
  earlier: readonly EarlierVm[],
  log: Log,
  { now, time }: Clocks = machineClocks,
): LeaseKeeper {
  let settledAt = 0;
  let inForce: readonly VmDefinition[] = earlier.map(({ definition }) => definition);
  /** By MAC: what went out of force and whose leases are not yet proven gone. */
  let former = new Map<string, FormerVm>();
  /** By MAC: whose reserved address has changed, when, and whose older leases are not yet proven gone. */
  const readdressed = new Map(earlier.map(({ definition, since }) => [definition.mac, since]));
  /** Leases whose failure has been logged. */
  const reported = new Set<string>();

  function follow(definitions: readonly VmDefinition[]): void {
    const macs = new Set(definitions.map(({ mac }) => mac));
    const before = [...former.values(), ...inForce];
    former = new Map(before.filter(({ mac }) => !macs.has(mac)).map(({ mac, name }) => [mac, { mac, name }]));
    const knownAt = time() + rereadSeconds;
    for (const { mac } of readdressedVms(inForce, definitions)) readdressed.set(mac, knownAt);
    inForce = definitions;
    settledAt = now() + settleMs;
  }

  async function pass(): Promise<TaskOutcome> {
    const [followed, settled] = [inForce, now() >= settledAt];
    const changes = { former: [...former.values()], readdressed: new Map(readdressed) };
    const stale = staleLeases(await leases.read(), followed, changes);
    const outcomes = await Promise.all(stale.map(releaseAndLog));
    if (outcomes.includes(false) || !settled) return 'unfinished';
    for (const { mac } of changes.former) former.delete(mac);
    for (const [mac, at] of changes.readdressed) if (readdressed.get(mac) === at) readdressed.delete(mac);
    return 'done';

    async function releaseAndLog(lease: (typeof stale)[number]): Promise<boolean> {
      const fields = { mac: lease.mac, ip: lease.ip, hostname: lease.hostname };
      const key = `${lease.mac ?? ''} ${lease.ip}`;
      const outcome = await leases.release(lease);
      if (outcome.released) {
        reported.delete(key);
        log.info('lease released', fields);
      } else if (!reported.has(key)) {
        reported.add(key);
        log.warn('lease not released, trying again', { ...fields, reason: outcome.reason });
      }
      return outcome.released;
    }
  }

  return { follow, pass };
}
