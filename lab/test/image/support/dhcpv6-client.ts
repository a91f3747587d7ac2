import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestClient } from './network.ts';

export interface LeaseV6 {
  address: string | undefined;
  nameServers: string | undefined;
}

/** Runs a real DHCPv6 client on the client's eth0; each call is a client with an identifier (DUID) of its own.
 * @throws CommandError nobody answered within 8 s */
export async function requestLeaseV6(client: TestClient): Promise<LeaseV6> {
  const directory = await mkdtemp(join(tmpdir(), 'dhclient-'));
  const file = (name: string): string => join(directory, name);
  const files = ['-lf', file('leases'), '-pf', file('pid'), '-sf', file('script')];
  try {
    await writeFile(file('script'), `#!/bin/sh\nenv >> "${file('env')}"\n`);
    await chmod(file('script'), 0o755);
    await client.run('timeout', ['8', 'dhclient', '-6', '-1', ...files, 'eth0']);
    // Bound, it goes on in the background.
    await client.run('dhclient', ['-6', '-x', ...files]);
    const env = await readFile(file('env'), 'utf8');
    const value = (name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(env)?.[1];
    return { address: value('new_ip6_address'), nameServers: value('new_dhcp6_name_servers') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
