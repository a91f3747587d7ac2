import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

import type { Neighbour } from '@pxeboot/config/contract/neighbours';
import { parseNeighbours } from '@pxeboot/config/contract/neighbours';
import { readIfThere } from '@pxeboot/config/host/files';

/** The kernel's table of IPv4 neighbours on the private network. */
export interface KernelNeighbours {
  /** @throws HostError the table cannot be read */
  read(): Promise<{ neighbours: Neighbour[]; ownMacs: ReadonlySet<string> }>;
  /** Makes the kernel find out who answers for these addresses now: an entry that nobody answers goes. */
  ask(addresses: readonly string[]): Promise<void>;
}

/** RFC 863: whoever gets it throws it away. */
const discardPort = 9;

/** @param networkInterface the private one; undefined: the one that carries `provisionerIp`, without either none */
export function createKernelNeighbours(
  networkInterface: string | undefined,
  provisionerIp: string | undefined,
): KernelNeighbours {
  return {
    async read() {
      const own = Object.entries(networkInterfaces());
      const carries = own.find(([, addresses]) => addresses?.some(({ address }) => address === provisionerIp))?.[0];
      const name = networkInterface ?? carries;
      const table = parseNeighbours((await readIfThere('/proc/net/arp', "the kernel's table of neighbours")) ?? '');
      return {
        neighbours: table.filter((neighbour) => neighbour.interface === name),
        ownMacs: new Set(own.flatMap(([, addresses]) => addresses?.map(({ mac }) => mac) ?? [])),
      };
    },
    async ask(addresses) {
      if (addresses.length === 0) return;
      const socket = createSocket('udp4');
      // That nobody answers is an answer.
      socket.on('error', () => undefined);
      await Promise.all(addresses.map((address) => new Promise((sent) => socket.send('', discardPort, address, sent))));
      socket.close();
    },
  };
}
