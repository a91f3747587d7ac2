// Opens connections from one address, each with the same bytes, and says in one line of JSON how the answers begin.
// node connections.mjs SERVER CLIENT COUNT BYTES [wait|feed]: with "wait" each is read until its answer begins, then no further; without it
// they are only opened; with "feed" one byte more is sent each second. They stay open until the standard input ends; "all closed" says that
// the server has ended each of them before.
import { connect } from 'node:net';
import { setInterval } from 'node:timers';

const [server, client, count, bytes, mode] = process.argv.slice(2);
const sockets = [];
let closed = 0;
const begun = Array.from({ length: Number(count) }, () => {
  return new Promise((resolve) => {
    const socket = connect({ host: server, port: 80, localAddress: client });
    sockets.push(socket);
    socket.once('connect', () => {
      socket.write(JSON.parse(`"${bytes}"`));
      if (mode === 'feed') setInterval(() => socket.writable && socket.write('1'), 1000).unref();
      if (mode !== 'wait') resolve('open');
    });
    socket.once('data', (chunk) => {
      socket.pause();
      resolve(chunk.toString('latin1').split('\r\n')[0]);
    });
    socket.on('error', (error) => resolve(error.code));
    socket.once('close', () => {
      closed += 1;
      if (closed === sockets.length) process.stdout.write('all closed\n');
    });
  });
});
const counts = {};
for (const answer of await Promise.all(begun)) counts[answer] = (counts[answer] ?? 0) + 1;
process.stdout.write(`${JSON.stringify(counts)}\n`);
process.stdin.resume();
process.stdin.once('end', () => process.exit(0));
