import { createSocket } from 'node:dgram';

/** A stand-in for a company's resolver: resolver-stand-in.ts ADDRESS. A name that begins with an address, such as 10-1-2-3.example.org, has
 * that address; every question of class CHAOS is answered with a text. */
const [, , address = ''] = process.argv;
const socket = createSocket('udp4');
socket.on('message', (question, from) => {
  const end = questionEnd(question);
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const type = question.readUInt16BE(end - 4);
  const data = type === 16 ? Buffer.from('\x08upstream') : addressIn(question);
  const answer = Buffer.concat([
    Buffer.from('c00c', 'hex'),
    question.subarray(end - 4, end),
    Buffer.from('0000000000', 'hex'),
  ]);
  answer.writeUInt8(0, answer.length - 1);
  const length = Buffer.alloc(1, data.length);
  socket.send(Buffer.concat([header, question.subarray(12, end), answer, length, data]), from.port, from.address);
});
socket.bind(53, address, () => console.log('ready'));

function addressIn(question: Buffer): Buffer {
  const label = question.toString('latin1', 13, 13 + (question[12] ?? 0));
  return Buffer.from(label.split('-').map(Number));
}

/** Offset behind the one question: labels, a zero, type and class. */
function questionEnd(message: Buffer): number {
  let at = 12;
  while ((message[at] ?? 0) !== 0) at += (message[at] ?? 0) + 1;
  return at + 5;
}
