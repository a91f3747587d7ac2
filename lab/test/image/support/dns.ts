import { provisionerIp } from '../../../src/decide/settings.ts';
import type { TestNetwork } from './network.ts';

const script = `
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 2000, tries: 2 });
resolver.setServers([process.argv[1]]);
resolver[process.argv[3]](process.argv[2]).then(
  (found) => console.log(found.join(' ')),
  (error) => { if (!['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'EREFUSED'].includes(error.code)) throw error; },
);`;

/** Asks the stack's DNS server for the IPv4 (or IPv6) addresses of a name; none when it has none. */
export async function resolveName(network: TestNetwork, name: string, version: 4 | 6 = 4): Promise<string[]> {
  const { stdout } = await network.run(process.execPath, ['-e', script, provisionerIp, name, `resolve${version}`]);
  return stdout.split(' ').filter((address) => address !== '');
}
