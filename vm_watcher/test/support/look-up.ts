/** Prints the IPv4 and IPv6 addresses that a DNS server has for a name: look-up.ts SERVER NAME. */
import { Resolver } from 'node:dns/promises';

const [, , server = '', name = ''] = process.argv;
const resolver = new Resolver({ timeout: 500, tries: 4 });
resolver.setServers([server]);
for (const ask of [() => resolver.resolve4(name), () => resolver.resolve6(name)]) {
  try {
    for (const address of await ask()) console.log(address);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTFOUND' && code !== 'ENODATA') throw error;
  }
}
