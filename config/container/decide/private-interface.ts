/** One IPv4 address that an interface carries. */
export interface InterfaceAddress {
  interface: string;
  address: string;
  prefixLength: number;
}

/** Reads the output of `ip -json -4 address show`.
 * @throws Error it is not what iproute2 writes */
export function parseAddresses(json: string): InterfaceAddress[] {
  const links: unknown = JSON.parse(json);
  if (!Array.isArray(links)) throw new Error('read the addresses: ip wrote no list');
  return links.flatMap(linkAddresses);
}

/** The private interface: the one that carries the address, and the named one when a name is given. */
export function findPrivateInterface(
  addresses: readonly InterfaceAddress[],
  wanted: { provisionerIp: string; pxeInterface?: string },
): InterfaceAddress | undefined {
  return addresses.find(
    (found) =>
      found.address === wanted.provisionerIp &&
      (wanted.pxeInterface === undefined || found.interface === wanted.pxeInterface),
  );
}

function linkAddresses(link: unknown): InterfaceAddress[] {
  if (!isRecord(link) || typeof link['ifname'] !== 'string' || !Array.isArray(link['addr_info'])) return [];
  const name = link['ifname'];
  return link['addr_info'].filter(isRecord).flatMap((info) => {
    const { local, prefixlen } = info;
    if (typeof local !== 'string' || typeof prefixlen !== 'number') return [];
    return [{ interface: name, address: local, prefixLength: prefixlen }];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
