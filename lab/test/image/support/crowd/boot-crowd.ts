import { parseArgs } from 'node:util';

import { macsFrom } from '@pxeboot/config/test/support/dhcp-packets';
import { Agent, request } from 'undici';

import { openDhcpClients } from './dhcp.ts';
import { askAndVanish, loadFile } from './tftp.ts';

/** VMs that are powered on at the same time, each from its first question to the report of its installer, without the kernel and what
 * follows it. Run it where ./dhcp.ts can be, with the addresses of all VMs on the interface:
 *   node boot-crowd.ts --server ADDRESS --first MAC --count 200 [--block-ms 4] [--strangers 20] [--vanish 60]
 * strangers: so many MACs without a definition ask for a lease again and again meanwhile; vanish: so many clients ask for iPXE by TFTP
 * before, and are gone. Prints one line of JSON for each VM. */
export interface Booted {
  mac: string;
  address: string;
  dhcpMs: number;
  tftpSeconds: number;
  /** How often TFTP had to begin again. */
  begun: number;
  httpMs: number;
  seconds: number;
}

const bootFile = 'ipxe-x86_64.efi';

async function boot(mac: string): Promise<Booted> {
  const startedAt = performance.now();
  const { address, ms: dhcpMs } = await clients.lease(mac);
  const loaded = await loadFile({ server, file: bootFile, address, blockMs });
  const loadedAt = performance.now();
  // The server knows a VM by its address.
  const vm = new Agent({ localAddress: address });
  await get(vm, `/ipxe?mac=${mac}`, (text) => text.startsWith('#!ipxe') && text.includes('kernel '));
  await get(vm, `/config/${mac}`, (text) => text.includes('"rootfs_url"'));
  await report(vm, mac);
  await vm.close();
  const endedAt = performance.now();
  return {
    mac,
    address,
    dhcpMs,
    tftpSeconds: loaded.seconds,
    begun: loaded.begun,
    httpMs: endedAt - loadedAt,
    seconds: (endedAt - startedAt) / 1000,
  };
}

async function get(dispatcher: Agent, path: string, isRight: (text: string) => boolean): Promise<void> {
  const { statusCode, body } = await request(`http://${server}${path}`, { dispatcher });
  const text = await body.text();
  if (statusCode !== 200 || !isRight(text)) throw new Error(`GET ${path}: ${statusCode}: ${text.slice(0, 400)}`);
}

async function report(dispatcher: Agent, mac: string): Promise<void> {
  const path = `/status/${mac}`;
  const event = JSON.stringify({ seq: 1, at: new Date().toISOString(), step: 'probe', state: 'started' });
  const headers = { 'content-type': 'application/json' };
  const { statusCode, body } = await request(`http://${server}${path}`, {
    method: 'POST',
    headers,
    body: event,
    dispatcher,
  });
  const text = await body.text();
  if (statusCode !== 204) throw new Error(`POST ${path}: ${statusCode}: ${text}`);
}

/** Strangers ask for leases until the VMs are done. */
async function ask(macs: readonly string[]): Promise<void> {
  await Promise.all(
    macs.map(async (mac) => {
      while (!done) await clients.lease(mac);
    }),
  );
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    first: { type: 'string', default: '' },
    count: { type: 'string', default: '1' },
    'block-ms': { type: 'string', default: '0' },
    strangers: { type: 'string', default: '0' },
    vanish: { type: 'string', default: '0' },
  },
});
const { server } = values;
const blockMs = Number(values['block-ms']);
let done = false;
const clients = await openDhcpClients();
const vanishing = Array.from({ length: Number(values.vanish) }, () => askAndVanish({ server, file: bootFile }));
await Promise.all(vanishing);
void ask(macsFrom('52:54:00:5a:00:01', Number(values.strangers)));
const booted = await Promise.all(macsFrom(values.first, Number(values.count)).map(boot));
done = true;
for (const line of booted) console.log(JSON.stringify(line));
process.exit();
