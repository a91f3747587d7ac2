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

export interface PortNeed {
  protocol: 'tcp' | 'udp';
  port: number;
  use: string;
}

/** What the services will listen on, at the private address. */
export const portNeeds: readonly PortNeed[] = [
  { protocol: 'udp', port: 53, use: 'DNS' },
  { protocol: 'tcp', port: 53, use: 'DNS' },
  { protocol: 'udp', port: 67, use: 'DHCP' },
  { protocol: 'udp', port: 69, use: 'TFTP' },
  { protocol: 'tcp', port: 80, use: 'HTTP' },
];

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
export function describeTakenPorts(
  listeners: readonly Listener[],
  place: { address: string; interface: string },
): string[] {
  return portNeeds.flatMap((need) => {
    const taken = listeners.find(
      (listener) =>
        listener.protocol === need.protocol &&
        listener.port === need.port &&
        [place.address, '0.0.0.0', '*'].includes(listener.address) &&
        (listener.device === undefined || listener.device === place.interface),
    );
    return taken === undefined ? [] : [describeTaken(need, taken, place.address)];
  });
}

function describeTaken(need: PortNeed, taken: Listener, address: string): string {
  const holder = taken.holder ?? 'a process outside this container (an older one of this stack?)';
  return (
    `listen for ${need.use} on ${address} port ${need.port}/${need.protocol}: already taken by ${holder}, ` +
    `which listens on ${taken.address}; stop it ("ss -lntup" on the host names it, "docker ps" an older container)`
  );
}
