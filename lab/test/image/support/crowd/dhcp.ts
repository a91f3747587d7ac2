import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

import type { DhcpAnswer } from '@pxeboot/config/test/support/dhcp-packets';
import { dhcpKind, dhcpPacket, parseDhcpAnswer } from '@pxeboot/config/test/support/dhcp-packets';

const { discover, offer, request, ack } = dhcpKind;

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

export async function openDhcpClients(): Promise<DhcpClients> {
  const socket = createSocket('udp4');
  socket.bind(68, '0.0.0.0');
  await once(socket, 'listening');
  socket.setBroadcast(true);
  const clients = new Map<string, Client>();
  socket.on('message', (data) => {
    const answer = parseDhcpAnswer(data);
    const client = clients.get(answer?.mac ?? '');
    if (answer !== undefined && client !== undefined) take(socket, client, answer);
  });
  return {
    lease: (mac) =>
      new Promise((done) => {
        const client = { mac, startedAt: performance.now(), next: Buffer.alloc(0), retry: undefined, done };
        clients.set(mac, client);
        send(socket, client, dhcpPacket(mac, [[53, [discover]]]));
      }),
    close: () => socket.close(),
  };
}

function send(socket: Socket, client: Client, content: Buffer): void {
  client.next = content;
  socket.send(content, 67, '255.255.255.255');
  clearTimeout(client.retry);
  client.retry = setTimeout(() => send(socket, client, client.next), retryMs);
}

function take(socket: Socket, client: Client, answer: DhcpAnswer): void {
  if (answer.kind === offer) {
    const address = answer.address.split('.').map(Number);
    const options = [[53, [request]] as const, [50, address] as const, [54, [...answer.server]] as const];
    send(socket, client, dhcpPacket(client.mac, options));
  } else if (answer.kind === ack) {
    clearTimeout(client.retry);
    client.done({ mac: client.mac, address: answer.address, ms: performance.now() - client.startedAt });
  } else {
    send(socket, client, dhcpPacket(client.mac, [[53, [discover]]]));
  }
}
