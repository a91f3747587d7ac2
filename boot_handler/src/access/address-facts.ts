import { networkInterfaces } from 'node:os';

import { parseLeases } from '@pxeboot/config/contract/lease-file';
import { parseNeighbours } from '@pxeboot/config/contract/neighbours';
import { readIfThere } from '@pxeboot/config/host/files';

import type { AddressFacts } from './decide/whose-address.ts';

export interface FactSources {
  /** dnsmasq's lease file. */
  leasesFile: string;
  /** The kernel's table of neighbours. */
  neighboursFile: string;
  /** The private interface; undefined: each. */
  privateInterface: string | undefined;
}

/** Reads who has which address at this moment.
 * @throws HostError a file is there and cannot be read */
export async function readAddressFacts({
  leasesFile,
  neighboursFile,
  privateInterface,
}: FactSources): Promise<AddressFacts> {
  const [leases = '', neighbours = ''] = await Promise.all([
    readIfThere(leasesFile, `dnsmasq's leases "${leasesFile}"`),
    readIfThere(neighboursFile, `the neighbours "${neighboursFile}"`),
  ]);
  return {
    leases: parseLeases(leases),
    neighbours: parseNeighbours(neighbours).filter(
      (neighbour) => privateInterface === undefined || neighbour.interface === privateInterface,
    ),
    own: Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
  };
}
