import { createSocket } from 'node:dgram';

// A stand-in for systemd-resolved: every question of type A is answered with 203.0.113.7 (RFC 5737).
const socket = createSocket('udp4');
socket.on('message', (question, from) => {
  const answer = Buffer.from('c00c00010001000000050004cb007107', 'hex');
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  socket.send(Buffer.concat([header, question.subarray(12, questionEnd(question)), answer]), from.port, from.address);
});
socket.bind(53, '127.0.0.53');

/** Offset behind the one question: labels, a zero, type and class. */
function questionEnd(message: Buffer): number {
  let at = 12;
  while ((message[at] ?? 0) !== 0) at += (message[at] ?? 0) + 1;
  return at + 5;
}
