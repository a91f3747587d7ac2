/** Asks a DNS server until it gives this address for this name: await-answer.ts SERVER NAME ADDRESS. Says when it begins. */
import { Resolver } from 'node:dns/promises';

const [, , server = '', name = '', address = ''] = process.argv;
const resolver = new Resolver({ timeout: 200, tries: 1 });
resolver.setServers([server]);
for (let begun = false; ; begun = true) {
  const answer = await resolver.resolve4(name).catch((): string[] => []);
  if (!begun) console.log('asking');
  if (answer.includes(address)) break;
  await new Promise((resolve) => setTimeout(resolve, 2));
}
