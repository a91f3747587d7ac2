import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [discover, offer, request, ack] = [1, 2, 3, 5];
const cookie = [0x63, 0x82, 0x53, 0x63];
/** As firmware does, a client that hears nothing asks again after this long. */
const retryMs = 4_000;

/** Many DHCP clients (RFC 2131) behind one socket: each asks with a MAC of its own, for broadcast answers, and takes what it is
 * offered. The process must be alone in a namespace whose only interface has an address of the network. */
export interface DhcpClients {
  /** Asks until it has an address. */
  lease(mac: string): Promise<Lease>;
  close(): void;
}

export interface Lease {
  mac: string;
  address: string;
  /** From the first question to the address. */
  ms: number;
}

interface Client {
  mac: string;
  startedAt: number;
  next: Buffer;
  retry: NodeJS.Timeout | undefined;
  done: (lease: Lease) => void;
}

interface Answer {
  mac: string;
  kind: number;
  address: string;
  server: Buffer;
}

export async function openDhcpClients(): Promise<DhcpClients> {
  const socket = createSocket('udp4');
  socket.bind(68, '0.0.0.0');
  await once(socket, 'listening');
  socket.setBroadcast(true);
  const clients = new Map<string, Client>();
  socket.on('message', (data) => {
    const answer = parseAnswer(data);
    const client = clients.get(answer?.mac ?? '');
    if (answer !== undefined && client !== undefined) take(socket, client, answer);
  });
  return {
    lease: (mac) =>
      new Promise((done) => {
        const client = { mac, startedAt: performance.now(), next: Buffer.alloc(0), retry: undefined, done };
        clients.set(mac, client);
        send(socket, client, packet(mac, [[53, [discover]]]));
      }),
    close: () => socket.close(),
  };
}

/** So many MACs from the first on. */
export function macsFrom(first: string, count: number): string[] {
  const start = BigInt(`0x${first.replaceAll(':', '')}`);
  return Array.from({ length: count }, (_, index) => {
    const hex = (start + BigInt(index)).toString(16).padStart(12, '0');
    return (hex.match(/../g) ?? []).join(':');
  });
}

/** One packet of a client; options are pairs of number and content. */
function packet(mac: string, options: readonly (readonly [number, readonly number[]])[]): Buffer {
  const bytes = mac.split(':').map((pair) => Number.parseInt(pair, 16));
  const head = Buffer.alloc(236);
  // op, htype, hlen; the transaction is told by the MAC's last four bytes; flag "broadcast".
  head.set([1, 1, 6, 0, ...bytes.slice(2)]);
  head.set([0x80], 10);
  head.set(bytes, 28);
  const tail = options.flatMap(([number, content]) => [number, content.length, ...content]);
  return Buffer.concat([head, Buffer.from([...cookie, ...tail, 255])]);
}

/** What a server's packet says; undefined: it is none. */
function parseAnswer(data: Buffer): Answer | undefined {
  if (data[0] !== 2 || data.length < 240) return undefined;
  const options = new Map<number, Buffer>();
  for (let at = 240; at < data.length && data[at] !== 255;) {
    const [number = 0, length = 0] = data.subarray(at);
    if (number === 0) at += 1;
    else {
      options.set(number, data.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  const mac = [...data.subarray(28, 34)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const address = [...data.subarray(16, 20)].join('.');
  return { mac, kind: options.get(53)?.[0] ?? 0, address, server: options.get(54) ?? Buffer.alloc(0) };
}

function send(socket: Socket, client: Client, content: Buffer): void {
  client.next = content;
  socket.send(content, 67, '255.255.255.255');
  clearTimeout(client.retry);
  client.retry = setTimeout(() => send(socket, client, client.next), retryMs);
}

function take(socket: Socket, client: Client, answer: Answer): void {
  if (answer.kind === offer) {
    const address = answer.address.split('.').map(Number);
    const options = [[53, [request]] as const, [50, address] as const, [54, [...answer.server]] as const];
    send(socket, client, packet(client.mac, options));
  } else if (answer.kind === ack) {
    clearTimeout(client.retry);
    client.done({ mac: client.mac, address: answer.address, ms: performance.now() - client.startedAt });
  } else {
    send(socket, client, packet(client.mac, [[53, [discover]]]));
  }
}
