/** A guest that says exactly what a test wants over DHCP, in a namespace whose only interface has an address:
 *   node dhcp-guest.ts take FIRST_MAC COUNT       so many clients ask at the same time, and take what they are offered
 *   node dhcp-guest.ts claim FIRST_MAC COUNT ADDRESS   each asks for an address of its own choice, this one and those behind it
 *   node dhcp-guest.ts renew MAC ADDRESS          asks to keep an address that it uses
 *   node dhcp-guest.ts decline MAC ADDRESS SERVER says that somebody else has it
 * Prints one line for each answer that ends a question: MAC, address or "none", seconds of the lease. */
import type { DhcpAnswer } from '@pxeboot/config/test/support/dhcp-packets';
import { dhcpKind, dhcpPacket, macsFrom, parseDhcpAnswer } from '@pxeboot/config/test/support/dhcp-packets';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const { discover, offer, request, decline, ack, nak } = dhcpKind;
/** After so long without any answer those that wait ask again, as clients do: a busy machine loses datagrams. */
const silenceMs = 1000;
const rounds = 3;

const bytesOf = (address: string): number[] => address.split('.').map(Number);
const [kind, first = '', ...words] = process.argv.slice(2);
const waiting = new Map<string, Buffer>();
const socket = createSocket('udp4');
let silence: NodeJS.Timeout | undefined;
let silentRounds = 0;

function say(mac: string, content: Buffer): void {
  waiting.set(mac, content);
  socket.send(content, 67, '255.255.255.255');
}

function end(mac: string, address: string, seconds: number): void {
  waiting.delete(mac);
  console.log(`${mac} ${address} ${seconds}`);
  if (waiting.size === 0) stop();
}

function stop(): void {
  clearTimeout(silence);
  for (const mac of waiting.keys()) console.log(`${mac} none 0`);
  socket.close();
}

function listen(): void {
  silentRounds = 0;
  clearTimeout(silence);
  silence = setTimeout(askAgain, silenceMs);
}

function askAgain(): void {
  silentRounds += 1;
  if (silentRounds === rounds) {
    stop();
    return;
  }
  for (const [mac, content] of waiting) say(mac, content);
  silence = setTimeout(askAgain, silenceMs);
}

function take({ mac, kind: answered, address, server, leaseSeconds }: DhcpAnswer): void {
  if (!waiting.has(mac)) return;
  listen();
  if (answered === ack) end(mac, address, leaseSeconds);
  // Another client has taken what this one was offered: it begins again (RFC 2131, 3.1).
  else if (answered === nak && kind === 'take') say(mac, dhcpPacket(mac, [[53, [discover]]]));
  else if (answered === nak) end(mac, 'refused', 0);
  else if (answered === offer) {
    const options = [[53, [request]] as const, [50, bytesOf(address)] as const, [54, [...server]] as const];
    say(mac, dhcpPacket(mac, options));
  }
}

function ask(): void {
  const [second = '', third = ''] = words;
  if (kind === 'take') for (const mac of macsFrom(first, Number(second))) say(mac, dhcpPacket(mac, [[53, [discover]]]));
  else if (kind === 'claim') {
    const [a, b, c, d = 0] = bytesOf(third);
    macsFrom(first, Number(second)).forEach((mac, index) => {
      const address = `${a}.${b}.${c}.${d + index}`;
      say(mac, dhcpPacket(mac, [[53, [request]] as const, [50, bytesOf(address)] as const]));
    });
  } else if (kind === 'renew') say(first, dhcpPacket(first, [[53, [request]]], second));
  else {
    const options = [[53, [decline]] as const, [50, bytesOf(second)] as const, [54, bytesOf(third)] as const];
    socket.send(dhcpPacket(first, options), 67, '255.255.255.255', stop);
  }
}

socket.on('message', (data) => {
  const answer = parseDhcpAnswer(data);
  if (answer !== undefined) take(answer);
});
socket.bind(68, '0.0.0.0');
await once(socket, 'listening');
socket.setBroadcast(true);
listen();
ask();
