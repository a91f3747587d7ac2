/** A network interface as /sys/class/net shows it. */
export interface NetworkInterface {
  name: string;
  /** Lower case. */
  mac: string;
  /** It belongs to a device; bridges, bonds, VLANs and tunnels do not. */
  physical: boolean;
}

/** Those that may be used, the best first: by MAC address, else by name, else every one.
 * An interface on top of another has its MAC address: the one that belongs to a device is meant. */
export function matchingInterfaces(
  interfaces: readonly NetworkInterface[],
  mac: string | undefined,
  name: string | undefined,
): string[] {
  const isMeant = (one: NetworkInterface): boolean =>
    mac === undefined ? name === undefined || one.name === name : one.mac === mac;
  return interfaces
    .filter((one) => one.name !== 'lo' && isMeant(one))
    .toSorted(
      (a, b) => Number(b.physical) - Number(a.physical) || a.name.localeCompare(b.name, 'en', { numeric: true }),
    )
    .map((one) => one.name);
}
