/** A socket that waits for packets or connections, as ss(8) lists it. */
export interface Listener {
  protocol: 'tcp' | 'udp';
  /** "*" for every address of both families, "0.0.0.0" or "::" for one. */
  address: string;
  /** The only interface it hears, when it is bound to one. */
  device?: string;
  port: number;
  /** Such as `nginx (pid 12)`; absent when the process cannot be seen from this container. */
  holder?: string;
}

/** Where the services will listen. */
export interface ListenPlace {
  address: string;
  interface: string;
  /** Addresses are given by DHCPv6 too. */
  dhcpV6: boolean;
}

interface PortNeed {
  protocol: 'tcp' | 'udp';
  port: number;
  use: string;
}

/** Needed at the IPv6 addresses too when DHCPv6 names them as the guests' DNS server. */
const dnsNeeds: readonly PortNeed[] = [
  { protocol: 'udp', port: 53, use: 'DNS' },
  { protocol: 'tcp', port: 53, use: 'DNS' },
];
/** What the services listen on, at the private address. */
const portNeeds: readonly PortNeed[] = [
  ...dnsNeeds,
  { protocol: 'udp', port: 67, use: 'DHCP' },
  { protocol: 'udp', port: 69, use: 'TFTP' },
  { protocol: 'tcp', port: 80, use: 'HTTP' },
];
/** dnsmasq takes it for every address of IPv6. */
const dhcpV6Need: PortNeed = { protocol: 'udp', port: 547, use: 'DHCPv6' };

/** Reads the output of `ss --no-header --numeric --listening --tcp --udp --processes`. */
export function parseListeners(text: string): Listener[] {
  return text.split('\n').flatMap((line) => parseListener(line) ?? []);
}

function parseListener(line: string): Listener | undefined {
  const [protocol, , , , local = '', , users = ''] = line.trim().split(/\s+/);
  const [, address, device, port] = /^(.+?)(?:%([^:\]]+))?:(\d+)$/.exec(local) ?? [];
  if ((protocol !== 'tcp' && protocol !== 'udp') || address === undefined) return undefined;
  const [, name, pid] = /\(\("([^"]*)",pid=(\d+)/.exec(users) ?? [];
  return {
    protocol,
    address: address.replaceAll(/[[\]]/g, ''),
    port: Number(port),
    ...(device === undefined ? {} : { device }),
    ...(name === undefined || pid === undefined ? {} : { holder: `${name} (pid ${pid})` }),
  };
}

/** One line for each port that is already taken at the private address.
 * A socket that is bound to another interface (libvirt's dnsmasq on virbr0, for one) is none. */
export function describeTakenPorts(listeners: readonly Listener[], place: ListenPlace): string[] {
  const taken = portNeeds.flatMap((need) => describeTaken(need, listeners, place, [place.address, '0.0.0.0', '*']));
  if (!place.dhcpV6) return taken;
  // Who holds "*" has been named for IPv4.
  const taken6 = dnsNeeds.flatMap((need) => describeTaken(need, listeners, place, ['::']));
  return [...taken, ...taken6, ...describeTaken(dhcpV6Need, listeners, place, ['::', '*'])];
}

function describeTaken(
  { use, port, protocol }: PortNeed,
  listeners: readonly Listener[],
  place: ListenPlace,
  addresses: readonly string[],
): string[] {
  const taken = listeners.find(
    (listener) =>
      listener.protocol === protocol &&
      listener.port === port &&
      addresses.includes(listener.address) &&
      (listener.device === undefined || listener.device === place.interface),
  );
  if (taken === undefined) return [];
  const where = addresses.includes(place.address) ? place.address : place.interface;
  const holder = taken.holder ?? 'a process outside this container (an older one of this stack?)';
  return [
    `listen for ${use} on ${where} port ${port}/${protocol}: already taken by ${holder}, ` +
      `which listens on ${taken.address}; stop it ("ss -lntup" on the host names it, "docker ps" an older container)`,
  ];
}
