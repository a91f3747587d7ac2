/** What a guest calls itself: the name of its definition as a host name, that is one label of letters, digits and hyphens
 * (RFC 1123, 2.1). Each run of other characters becomes a hyphen: `my_vm` is `my-vm`, `node.k8s` is `node-k8s`.
 * @param name in small letters, as a parsed definition has it */
export function guestName(name: string): string {
  return name.replaceAll(/[^a-z0-9-]+/g, '-');
}

/** Which VM has a guest name in DHCP and DNS, where several would have it: the one that is really called that, else the first by name.
 * @param names of all definitions that are active
 * @returns the name of the holder by guest name */
export function guestNameHolders(names: Iterable<string>): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const name of names) {
    const guest = guestName(name);
    const holder = holders.get(guest);
    if (holder === undefined || name === guest || (holder !== guest && name < holder)) holders.set(guest, name);
  }
  return holders;
}
