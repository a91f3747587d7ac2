import { networkInterfaces } from 'node:os';

import { readIfThere } from '@pxeboot/config/host/files';
import { run } from '@pxeboot/config/host/run';
import { describeError } from '@pxeboot/config/kit/errors';
import { inSubnet, parseCidr } from '@pxeboot/config/kit/ip';

import type { Lease, TimedLease } from '@pxeboot/config/contract/lease-file';
import { parseLeases } from '@pxeboot/config/contract/lease-file';

export type ReleaseOutcome = { released: true } | { released: false; reason: string };

/** The running dnsmasq's leases. */
export interface Leases {
  /** @throws HostError the lease file is there and cannot be read */
  read(): Promise<TimedLease[]>;
  /** Ends a lease; the lease file is the only proof: `dhcp_release` always exits with 0, `dhcp_release6` with 0 for any answer. */
  release(lease: Lease): Promise<ReleaseOutcome>;
}

/** dnsmasq writes its lease file within a few milliseconds of a release. */
const proofDeadlineMs = 1000;
const proofIntervalMs = 20;
const releaseTimeoutMs = 5000;

/** @param networkInterface where dnsmasq serves; undefined: the interface whose network holds the lease's address */
export function createLeases(leasesFile: string, networkInterface: string | undefined): Leases {
  async function read(): Promise<TimedLease[]> {
    return parseLeases((await readIfThere(leasesFile, `dnsmasq's leases "${leasesFile}"`)) ?? '');
  }

  /** Two looks, since one may fall between dnsmasq's emptying and writing of the file. */
  async function isGone({ mac, ip }: Lease): Promise<boolean> {
    let absent = 0;
    for (const deadline = performance.now() + proofDeadlineMs; ;) {
      absent = (await read()).some((lease) => lease.mac === mac && lease.ip === ip) ? 0 : absent + 1;
      if (absent === 2) return true;
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, proofIntervalMs));
    }
  }

  async function release(lease: Lease): Promise<ReleaseOutcome> {
    const name = networkInterface ?? interfaceFor(lease.ip);
    if (name === undefined) return { released: false, reason: `no interface has the network of ${lease.ip}` };
    const [program, ...args] = releaseCommand(name, lease);
    // dhcp_release6 waits for an answer at a port that takes a right we do not have.
    const proven = new AbortController();
    const command = run(program, args, { timeoutMs: releaseTimeoutMs, signal: proven.signal });
    const failure = command.then(() => 'dnsmasq still has it', describeError);
    if (await isGone(lease)) {
      proven.abort();
      await failure;
      return { released: true };
    }
    const reason = await failure;
    return (await isGone(lease)) ? { released: true } : { released: false, reason };
  }

  return { read, release };
}

/** @see dhcp_release(1), dhcp_release6(1) */
function releaseCommand(name: string, lease: Lease): [string, ...string[]] {
  if (lease.family === 4)
    return ['dhcp_release', name, lease.ip, lease.mac, ...(lease.clientId === undefined ? [] : [lease.clientId])];
  const identity = ['--server-id', lease.serverDuid, '--client-id', lease.duid, '--iaid', lease.iaid];
  return ['dhcp_release6', '--iface', name, '--ip', lease.ip, ...identity];
}

/** The interface in whose network the address lies. */
function interfaceFor(ip: string): string | undefined {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { cidr, internal } of addresses ?? []) {
      const network = cidr === null || internal ? undefined : parseCidr(cidr);
      if (network !== undefined && inSubnet(ip, network)) return name;
    }
  }
  return undefined;
}
