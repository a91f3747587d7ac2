import { join } from 'node:path';

import { run } from '@pxeboot/config/host/run';

const udhcpcScript = join(import.meta.dirname, '../../../../initrd/files/udhcpc.script');
const child = join(import.meta.dirname, 'network-child.ts');

export interface NetworkState {
  /** What bringing it up failed with. */
  error?: string;
  log: string[];
  resolvConf: string;
  addresses: { ifname: string; addr_info: { local: string; prefixlen: number }[] }[];
  routes: { dst: string; gateway?: string; dev: string }[];
}

/** Everything happens in network, mount and process namespaces of its own, which end with this shell and all that it started: /etc and /run are private,
 * /sys shows that network only, and udhcpc is busybox's with the initrd's own script. */
const prepare = `
set -e
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir /run/upper /run/work /run/bin
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc
: > /etc/resolv.conf
mkdir -p /etc/udhcpc
cp "$UDHCPC_SCRIPT" /etc/udhcpc/default.script
chmod 755 /etc/udhcpc/default.script
ln -s /usr/bin/busybox /run/bin/udhcpc
export PATH=/run/bin:$PATH
ip link set lo up
`;

/** Brings the network up from a kernel line, after shell commands that make its interfaces. @returns what it is like then */
export async function networkAfter(interfaces: string, kernelLine: string): Promise<NetworkState> {
  const script = `${prepare}\n${interfaces}\nnode "$CHILD" "$KERNEL_LINE"`;
  const env = { UDHCPC_SCRIPT: udhcpcScript, CHILD: child, KERNEL_LINE: kernelLine };
  const namespaces = [
    '--net',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const args = [...namespaces, 'sh', '-c', script];
  const { stdout } = await run('unshare', args, { timeoutMs: 60_000, env });
  // Printed by network-child.ts.
  return JSON.parse(stdout) as NetworkState;
}

/** IPv4 addresses by interface, those without one left out. */
export function addressesOf({ addresses }: NetworkState): Record<string, string[]> {
  const pairs = addresses.map(({ ifname, addr_info }): [string, string[]] => [
    ifname,
    addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  ]);
  return Object.fromEntries(pairs.filter(([name, own]) => name !== 'lo' && own.length > 0));
}
