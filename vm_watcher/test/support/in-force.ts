import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunningStack } from './running-stack.ts';
import { eventually } from './running-stack.ts';

/** What dnsmasq reads for DNS. */
export function hostsFile(stack: RunningStack): Promise<string> {
  return readFile(join(stack.outDir, 'dns-hosts'), 'utf8');
}

/** Waits until dnsmasq's hosts file and then dnsmasq itself have the address. @returns seconds until the file had it */
export async function inForce(stack: RunningStack, name: string, ip: string): Promise<string> {
  const line = `${ip} ${name}.pvmlab.local`;
  const ms = await eventually(`the line "${line}"`, async () => (await hostsFile(stack)).includes(line));
  await eventually(`${name} is ${ip} in DNS`, async () => (await stack.network.lookUp(name))[0] === ip);
  return (ms / 1000).toFixed(2);
}
