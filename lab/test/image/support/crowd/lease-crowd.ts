import { parseArgs } from 'node:util';

import { macsFrom } from '@pxeboot/config/test/support/dhcp-packets';

import { openDhcpClients } from './dhcp.ts';

/** Many DHCP clients ask at the same time: `node lease-crowd.ts --first 52:54:00:10:00:00 --count 80`, as ./dhcp.ts needs it.
 * Prints one line for each: MAC, address, milliseconds. */
const { values } = parseArgs({
  options: { first: { type: 'string', default: '' }, count: { type: 'string', default: '1' } },
});
const clients = await openDhcpClients();
const leases = await Promise.all(macsFrom(values.first, Number(values.count)).map((mac) => clients.lease(mac)));
clients.close();
for (const { mac, address, ms } of leases) console.log(`${mac} ${address} ${ms.toFixed(1)}`);
