import { createSocket } from 'node:dgram';

/** Asks a DNS server and prints the answer's status and its data in hex: ask-dns.ts SERVER NAME [TYPE CLASS] (RFC 1035, 4.1). */
const [, , server = '', name = '', type = '1', dnsClass = '1'] = process.argv;
const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
const numbers = Buffer.from([0, Number(type), 0, Number(dnsClass)]);
const question = Buffer.concat([
  Buffer.from('00070100000100000000000000'.slice(0, 24), 'hex'),
  ...labels,
  Buffer.alloc(1),
  numbers,
]);
const socket = createSocket('udp4');
const statuses = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
socket.on('message', (answer) => {
  const status = statuses[(answer[3] ?? 0) & 15] ?? 'other';
  const data = answer.readUInt16BE(6) === 0 ? '' : answer.subarray(question.length + 12).toString('hex');
  console.log(`${status} ${data}`.trim());
  socket.close();
});
const asking = setInterval(() => socket.send(question, 53, server), 500);
socket.send(question, 53, server);
socket.on('close', () => clearInterval(asking));
setTimeout(() => process.exit(1), 5000).unref();
