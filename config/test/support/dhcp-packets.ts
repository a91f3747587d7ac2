/** DHCP messages (RFC 2131, RFC 2132), as far as tests need them. */

/** What a message is for: the content of option 53. */
export const dhcpKind = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6 };
const cookie = [0x63, 0x82, 0x53, 0x63];

export interface DhcpAnswer {
  mac: string;
  kind: number;
  address: string;
  server: Buffer;
  /** Seconds; 0: not said. */
  leaseSeconds: number;
}

/** So many MACs from the first on. */
export function macsFrom(first: string, count: number): string[] {
  const start = BigInt(`0x${first.replaceAll(':', '')}`);
  return Array.from({ length: count }, (_, index) => {
    const hex = (start + BigInt(index)).toString(16).padStart(12, '0');
    return (hex.match(/../g) ?? []).join(':');
  });
}

/** One packet of a client; options are pairs of number and content.
 * @param used the address that the client has, as when it renews */
export function dhcpPacket(
  mac: string,
  options: readonly (readonly [number, readonly number[]])[],
  used?: string,
): Buffer {
  const bytes = mac.split(':').map((pair) => Number.parseInt(pair, 16));
  const head = Buffer.alloc(236);
  // op, htype, hlen; the transaction is told by the MAC's last four bytes; flag "broadcast".
  head.set([1, 1, 6, 0, ...bytes.slice(2)]);
  head.set([0x80], 10);
  if (used !== undefined) head.set(used.split('.').map(Number), 12);
  head.set(bytes, 28);
  const tail = options.flatMap(([number, content]) => [number, content.length, ...content]);
  return Buffer.concat([head, Buffer.from([...cookie, ...tail, 255])]);
}

/** What a server's packet says; undefined: it is none. */
export function parseDhcpAnswer(data: Buffer): DhcpAnswer | undefined {
  if (data[0] !== 2 || data.length < 240) return undefined;
  const options = optionsOf(data);
  const mac = [...data.subarray(28, 34)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const address = [...data.subarray(16, 20)].join('.');
  const leaseSeconds = options.get(51)?.readUInt32BE() ?? 0;
  return { mac, kind: options.get(53)?.[0] ?? 0, address, server: options.get(54) ?? Buffer.alloc(0), leaseSeconds };
}

function optionsOf(data: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 240; at < data.length && data[at] !== 255;) {
    const [number = 0, length = 0] = data.subarray(at);
    if (number === 0) at += 1;
    else {
      options.set(number, data.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return options;
}
