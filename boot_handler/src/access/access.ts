import { setTimeout as sleep } from 'node:timers/promises';

import type { Cidr } from '@pxeboot/config/kit/ip';
import type { Request } from 'express';

import { RequestError } from '../http/request-errors.ts';
import type { AddressedVm, AddressFacts } from './decide/whose-address.ts';
import { describeStranger, isAddressOf, isAdmins } from './decide/whose-address.ts';
import { createStatusToken, isStatusToken } from './status-token.ts';

/** Who may read what is one VM's, and who may report for it. SECURITY.md has the rules. */
export interface Access {
  /** Lets the VM itself and the admins through.
   * @param what such as `send the seed of "web1"`
   * @throws RequestError 403 */
  requireReader(request: Request, vm: AddressedVm, what: string): Promise<void>;
  /** Lets through who has the VM's token, the VM itself, and this machine.
   * @throws RequestError 403 */
  requireReporter(request: Request, vm: AddressedVm, what: string): Promise<void>;
  /** A token for the VM's reports. */
  tokenFor(mac: string): string;
}

export interface AccessOptions {
  facts(): Promise<AddressFacts>;
  adminFrom: readonly Cidr[];
  statusKey: Buffer;
}

/** Before an address is refused: dnsmasq empties its lease file before it writes it again, which takes a few milliseconds. */
const pausesMs = [50, 100];

export function createAccess({ facts, adminFrom, statusKey }: AccessOptions): Access {
  async function require(
    request: Request,
    vm: AddressedVm,
    what: string,
    isAllowed: (address: string, known: AddressFacts) => boolean,
  ): Promise<void> {
    const address = clientAddress(request);
    let known = await facts();
    for (const pauseMs of [...pausesMs, undefined]) {
      if (isAddressOf(vm, address, known) || isAllowed(address, known)) return;
      if (pauseMs === undefined) break;
      await sleep(pauseMs);
      known = await facts();
    }
    throw new RequestError(403, `${what}: ${describeStranger(vm, address, known)}`);
  }

  return {
    requireReader: (request, vm, what) =>
      require(request, vm, what, (address, known) => isAdmins(address, known, adminFrom)),
    async requireReporter(request, vm, what) {
      if (isStatusToken(statusKey, vm.mac, request.headers.authorization)) return;
      await require(request, vm, what, (address, known) => isAdmins(address, known, []));
    },
    tokenFor: (mac) => createStatusToken(statusKey, mac),
  };
}

/** nginx is in front of the Unix socket, and says who asks in a header of its own. A port of this machine is asked directly. */
function clientAddress({ socket, headers }: Request): string {
  if (socket.remoteAddress !== undefined) return socket.remoteAddress;
  const named = headers['x-real-ip'];
  return typeof named === 'string' ? named : '';
}
