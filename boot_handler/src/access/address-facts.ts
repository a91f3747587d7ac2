import { networkInterfaces } from 'node:os';

import { parseLeases } from '@pxeboot/config/contract/lease-file';
import { parseNeighbours } from '@pxeboot/config/contract/neighbours';
import { readIfThere } from '@pxeboot/config/host/files';
import { parseCidr } from '@pxeboot/config/kit/ip';

import type { AddressFacts } from './decide/whose-address.ts';

export interface FactSources {
  /** dnsmasq's lease file. */
  leasesFile: string;
  /** The kernel's table of neighbours. */
  neighboursFile: string;
  /** The private interface; undefined: each. */
  privateInterface: string | undefined;
  /** This machine's address on the private network, if it is known. */
  provisionerIp: string | undefined;
}

/** Reads who has which address at this moment.
 * @throws HostError a file is there and cannot be read */
export async function readAddressFacts({
  leasesFile,
  neighboursFile,
  privateInterface,
  provisionerIp,
}: FactSources): Promise<AddressFacts> {
  const [leases = '', neighbours = ''] = await Promise.all([
    readIfThere(leasesFile, `dnsmasq's leases "${leasesFile}"`),
    readIfThere(neighboursFile, `the neighbours "${neighboursFile}"`),
  ]);
  const carried = Object.values(networkInterfaces()).flatMap((all = []) => all);
  const seconds = Date.now() / 1000;
  return {
    leases: parseLeases(leases).filter(({ expiresAt }) => expiresAt === 0 || expiresAt > seconds),
    neighbours: parseNeighbours(neighbours).filter(
      (neighbour) => privateInterface === undefined || neighbour.interface === privateInterface,
    ),
    own: carried.map(({ address }) => address),
    privateNetwork: parseCidr(carried.find(({ address }) => address === provisionerIp)?.cidr ?? ''),
  };
}

/** One reading for all who ask within this time: a large lease file takes milliseconds. Shorter than the pause before another look
 * (access.ts), which must see a new file. */
const sharedMs = 40;

/** @returns reads who has which address, at most so many times a second, whoever asks   @throws as readAddressFacts does */
export function createFactsReader(
  sources: FactSources,
  now: () => number = () => performance.now(),
): () => Promise<AddressFacts> {
  let last: { at: number; facts: Promise<AddressFacts> } | undefined;
  return () => {
    if (last === undefined || now() - last.at > sharedMs) last = { at: now(), facts: readAddressFacts(sources) };
    return last.facts;
  };
}
