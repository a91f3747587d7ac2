/** What the start, the services' change of user and the services need, and nothing else: docs/decisions/0017-users-and-capabilities.md says
 * what fails without each. Numbers: linux/include/uapi/linux/capability.h. All but NET_ADMIN and NET_RAW are in Docker's and podman's
 * default sets; NET_RAW is in Docker's only. */
const needed: readonly { name: string; bit: number; what: string; onlyWithV6?: true }[] = [
  { name: 'CHOWN', bit: 0, what: "to give the services' directories to their users" },
  { name: 'KILL', bit: 5, what: 'to stop the services, and to tell dnsmasq of changed definitions' },
  { name: 'SETGID', bit: 6, what: 'to run each service as its own user' },
  { name: 'SETUID', bit: 7, what: 'to run each service as its own user' },
  { name: 'SETPCAP', bit: 8, what: 'to take from each service what it does not need' },
  { name: 'NET_BIND_SERVICE', bit: 10, what: 'to answer DNS, DHCP, TFTP and HTTP' },
  { name: 'NET_ADMIN', bit: 12, what: 'to answer DHCP' },
  { name: 'NET_RAW', bit: 13, what: 'to answer DHCPv6', onlyWithV6: true },
];

/** The capabilities of a container that has no others (`--cap-drop ALL`), as `--cap-add` takes them.
 * @param withV6 whether a range of IPv6 addresses is given */
export function neededCapabilities(withV6: boolean): string[] {
  return needed.filter(({ onlyWithV6 }) => withV6 || onlyWithV6 !== true).map(({ name }) => name);
}

/** What this process may not do and the stack must, with the way to allow it, as one line; undefined when nothing is missing.
 * @param status content of /proc/self/status   @param withV6 whether a range of IPv6 addresses is given */
export function describeMissingCapabilities(status: string, withV6: boolean): string | undefined {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? 'ffffffffffffffff'}`);
  const names = neededCapabilities(withV6);
  const missing = needed.filter(({ name, bit }) => names.includes(name) && (effective & (1n << BigInt(bit))) === 0n);
  if (missing.length === 0) return undefined;
  const uid = /^Uid:\s*\d+\s+(\d+)/m.exec(status)?.[1] ?? '0';
  const list = missing.map(({ name, what }) => `${name} (${what})`).join(', ');
  const fix =
    uid === '0'
      ? `start it with "${missing.map(({ name }) => `--cap-add ${name}`).join(' ')}", or with --privileged`
      : `it runs as user ${uid}; start it without --user, as root`;
  return `check the capabilities of the container: it lacks ${list}; ${fix}`;
}
