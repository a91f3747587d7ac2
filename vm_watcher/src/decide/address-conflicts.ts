import type { AddressConflict } from '@pxeboot/config/contract/address-conflicts';
import type { Lease } from '@pxeboot/config/contract/lease-file';
import type { Neighbour } from '@pxeboot/config/contract/neighbours';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

import type { Change } from './changes.ts';

/** What is known at one moment of who has which IPv4 address on the private network. */
export interface AddressFacts {
  /** The kernel's entries of the private interface. */
  neighbours: readonly Neighbour[];
  /** In force. */
  definitions: readonly VmDefinition[];
  leases: readonly Lease[];
  /** Of this machine's own interfaces, which may answer for others. */
  ownMacs: ReadonlySet<string>;
}

/** A contradiction in the kernel's table. The kernel keeps an entry for hours after its machine has gone, so one alone proves nothing. */
export interface Suspicion {
  conflict: AddressConflict;
  firstAtMs: number;
  lastAtMs: number;
  /** It stood for so long, while the address was asked, that a machine must have answered. */
  confirmed: boolean;
}

/** By address. */
export type Suspicions = ReadonlyMap<string, Suspicion>;

export interface ConflictTimes {
  /** From one look to the next; at each one the addresses in question are asked. */
  lookMs: number;
  /** For so long a contradiction must stand. The kernel believes an answer for up to 45 s (base_reachable_time_ms, times 1.5), is asked
   * by us within `lookMs`, and gives an entry up that nobody answers after 8 s (delay_first_probe_time, ucast_solicit). */
  confirmAfterMs: number;
  /** A conflict is over when it is not seen for so long: when both machines answer, the entry changes to and fro. */
  endAfterMs: number;
}

/** The MAC of a router that answers for others (proxy ARP, RFC 1027), or of a host that bridges its VMs over Wi-Fi, stands at many
 * addresses. With so many machines' addresses it is taken for one of these. */
const proxiedMachines = 3;

/** The addresses that are one machine's and that stand in the kernel's table with the MAC of another, sorted by the order of the table. */
export function addressConflicts(facts: AddressFacts): AddressConflict[] {
  const owners = ownersOf(facts);
  const names = namesOf(facts.definitions);
  const found = facts.neighbours.flatMap(({ ip, mac }): AddressConflict[] => {
    const owner = owners.get(ip);
    if (owner === undefined || owner.mac === mac || facts.ownMacs.has(mac)) return [];
    const vm = names.get(mac);
    return [{ ip, mac, ...(vm === undefined ? {} : { vm }), owner }];
  });
  return found.filter(({ mac }) => found.filter((other) => other.mac === mac).length < proxiedMachines);
}

/** What is suspected after one more look. */
export function nextSuspicions(
  before: Suspicions,
  facts: AddressFacts,
  nowMs: number,
  { confirmAfterMs, endAfterMs }: Omit<ConflictTimes, 'lookMs'>,
): Suspicions {
  const owners = ownersOf(facts);
  const seen = addressConflicts(facts).map((conflict): Suspicion => {
    const earlier = before.get(conflict.ip);
    const same = earlier !== undefined && isSame(earlier.conflict, conflict) ? earlier : undefined;
    const firstAtMs = same?.firstAtMs ?? nowMs;
    const confirmed = same?.confirmed === true || nowMs - firstAtMs >= confirmAfterMs;
    return { conflict, firstAtMs, lastAtMs: nowMs, confirmed };
  });
  const seenAt = new Set(seen.map(({ conflict }) => conflict.ip));
  const remembered = [...before.values()].filter(
    ({ conflict, confirmed, lastAtMs }) =>
      confirmed && !seenAt.has(conflict.ip) && isStillTheirs(conflict, owners) && nowMs - lastAtMs < endAfterMs,
  );
  return new Map([...seen, ...remembered].map((suspicion) => [suspicion.conflict.ip, suspicion]));
}

/** Of a lease nothing may be known for a moment: dnsmasq empties its file before it writes it again. */
function isStillTheirs({ ip, owner }: AddressConflict, owners: ReadonlyMap<string, AddressConflict['owner']>): boolean {
  const now = owners.get(ip)?.mac;
  return now === owner.mac || (now === undefined && owner.by === 'lease');
}

/** An address that could not be asked proves nothing, however long its entry stands: the time of what is not certain begins again. */
export function afterAsking(suspicions: Suspicions, asked: ReadonlySet<string>, nowMs: number): Suspicions {
  return new Map(
    [...suspicions].map(([ip, suspicion]) =>
      suspicion.confirmed || asked.has(ip) ? [ip, suspicion] : [ip, { ...suspicion, firstAtMs: nowMs }],
    ),
  );
}

/** The conflicts that are certain, sorted by address. */
export function certainConflicts(suspicions: Suspicions): AddressConflict[] {
  const certain = [...suspicions.values()].filter(({ confirmed }) => confirmed).map(({ conflict }) => conflict);
  return certain.sort((a, b) => (a.ip < b.ip ? -1 : 1));
}

/** The lines about conflicts: once for each, and once when it is over. */
export function conflictNews(before: readonly AddressConflict[], after: readonly AddressConflict[]): Change[] {
  const isIn = (list: readonly AddressConflict[]) => (conflict: AddressConflict) =>
    list.some((other) => isSame(other, conflict));
  const [wasThere, isThere] = [isIn(before), isIn(after)];
  return [
    ...before
      .filter((conflict) => !isThere(conflict))
      .map((conflict): Change => ({
        level: 'info',
        message: 'address no longer answers with another mac',
        fields: fieldsOf(conflict),
      })),
    ...after
      .filter((conflict) => !wasThere(conflict))
      .map((conflict): Change => ({
        level: 'warn',
        message: 'address answers with another mac',
        fields: fieldsOf(conflict),
      })),
  ];
}

function fieldsOf({ ip, mac, vm, owner }: AddressConflict): Record<string, string> {
  const isOf = owner.vm === undefined ? { mac: owner.mac } : { vm: owner.vm, mac: owner.mac };
  return { ip, ...isOf, by: owner.by, answers: mac, ...(vm === undefined ? {} : { which_is: vm }) };
}

function isSame(a: AddressConflict, b: AddressConflict): boolean {
  return a.ip === b.ip && a.mac === b.mac && a.owner.mac === b.owner.mac;
}

/** By address: whose it is. A definition's word goes before a lease. */
function ownersOf({ definitions, leases }: AddressFacts): Map<string, AddressConflict['owner']> {
  const names = namesOf(definitions);
  const leased = leases.flatMap((lease): [string, AddressConflict['owner']][] => {
    if (lease.family !== 4) return [];
    const vm = names.get(lease.mac);
    return [[lease.ip, { mac: lease.mac, ...(vm === undefined ? {} : { vm }), by: 'lease' }]];
  });
  const reserved = definitions.flatMap(({ ip, mac, name }): [string, AddressConflict['owner']][] =>
    ip === undefined ? [] : [[ip, { mac, vm: name, by: 'definition' }]],
  );
  return new Map([...leased, ...reserved]);
}

function namesOf(definitions: readonly VmDefinition[]): Map<string, string> {
  return new Map(definitions.map(({ mac, name }) => [mac, name]));
}
