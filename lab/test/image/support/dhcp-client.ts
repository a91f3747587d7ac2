import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { TestClient } from './network.ts';

/** What the server offered, in udhcpc's names: ip, siaddr, boot_file, router, dns, domain, lease, subnet, vendor. */
export type Lease = Readonly<Record<string, string | undefined>>;

export interface LeaseRequest {
  /** Client system architecture (RFC 4578), option 93. */
  arch?: number;
  /** Says that it is iPXE: option 77 (user class) or 175. */
  ipxe?: 'user-class' | 'option-175';
  /** What the client calls itself, option 12. */
  hostname?: string;
  /** Option 61 in hexadecimal; without it the client sends its MAC. */
  clientId?: string;
}

/** Leaves the lease in a file; gives the interface its address. */
const script = `#!/bin/sh
case $1 in
  bound|renew) ip address flush dev "$interface"; ip address add "$ip/$mask" dev "$interface"; env > "$LEASE_FILE" ;;
esac
`;

/** Runs a real DHCP client on the client's eth0.
 * @throws CommandError nobody answered */
export async function requestLease(client: TestClient, request: LeaseRequest = {}): Promise<Lease> {
  const directory = await mkdtemp(join(tmpdir(), 'udhcpc-'));
  try {
    const scriptFile = join(directory, 'script');
    const leaseFile = join(directory, 'lease');
    await writeFile(scriptFile, script);
    await chmod(scriptFile, 0o755);
    await client.run('env', [
      `LEASE_FILE=${leaseFile}`,
      ...['busybox', 'udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-t', '4', '-T', '1', '-s', scriptFile],
      ...['-O', 'bootfile', '-O', 'tftp', '-O', '60'],
      ...clientOptions(request),
    ]);
    return parseLease(await readFile(leaseFile, 'utf8'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function clientOptions(request: LeaseRequest): string[] {
  const options: string[] = [];
  if (request.arch !== undefined) {
    const kind = request.arch === 16 || request.arch === 19 ? 'HTTPClient' : 'PXEClient';
    options.push('-V', `${kind}:Arch:${String(request.arch).padStart(5, '0')}:UNDI:003001`);
    options.push('-x', `0x5d:${request.arch.toString(16).padStart(4, '0')}`);
  }
  if (request.ipxe === 'user-class') options.push('-x', `0x4d:${Buffer.from('iPXE').toString('hex')}`);
  // iPXE's own options, encapsulated: here only "keep the SAN" (8), one byte.
  if (request.ipxe === 'option-175') options.push('-x', '0xaf:080101');
  if (request.hostname !== undefined) options.push('-x', `hostname:${request.hostname}`);
  if (request.clientId !== undefined) options.push('-C', '-x', `0x3d:${request.clientId}`);
  return options;
}

function parseLease(text: string): Lease {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}
