import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

import type { Neighbour } from '@pxeboot/config/contract/neighbours';
import { parseNeighbours } from '@pxeboot/config/contract/neighbours';
import { readIfThere } from '@pxeboot/config/host/files';
import { describeError, HostError } from '@pxeboot/config/kit/errors';

/** The kernel's table of IPv4 neighbours on the private network. */
export interface KernelNeighbours {
  /** @throws HostError the table cannot be read */
  read(): Promise<{ neighbours: Neighbour[]; ownMacs: ReadonlySet<string> }>;
  /** Makes the kernel find out who answers for these addresses now: an entry that nobody answers goes.
   * @throws HostError no socket can be had */
  ask(addresses: readonly string[]): Promise<Asked>;
}

export interface Asked {
  addresses: ReadonlySet<string>;
  /** Why others could not be asked, such as a firewall of this machine. */
  problem?: string;
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
      if (addresses.length === 0) return { addresses: new Set() };
      const socket = createSocket('udp4');
      try {
        socket.bind(0);
        await once(socket, 'listening');
        // That nobody answers is an answer.
        socket.on('error', () => undefined);
        const errors = await Promise.all(addresses.map((address) => send(socket, address)));
        const problem = errors.find((error) => error !== undefined);
        const asked = new Set(addresses.filter((_, index) => errors[index] === undefined));
        return { addresses: asked, ...(problem === undefined ? {} : { problem: describeError(problem) }) };
      } catch (cause) {
        throw new HostError('ask who answers for the addresses of VMs', { cause });
      } finally {
        socket.close();
      }
    },
  };
}

function send(socket: Socket, address: string): Promise<Error | undefined> {
  return new Promise((sent) => socket.send('', discardPort, address, (error) => sent(error ?? undefined)));
}
