// Sends bytes to a server over many connections at once: node converse.mjs SERVER PORT. Each line of the standard input is JSON, a list of
// [address of the client, bytes in base64, "answered" or "torn"]; each line of the output the list of what came back, as [bytes in base64, how it
// ended]. An "answered" connection ends when the server closes it; a "torn" one when nothing has come for a while.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [server, port] = process.argv.slice(2);
/** Longer than boot_handler takes for its slowest answer, on a machine with much else to do. */
const hangMs = 20_000;
const quietMs = 250;

function converse([localAddress, bytes, end]) {
  return new Promise((resolve) => {
    const chunks = [];
    let how = 'closed';
    const socket = connect({ host: server, port: Number(port), localAddress });
    socket.setTimeout(end === 'torn' ? quietMs : hangMs, () => {
      how = end === 'torn' ? 'torn' : 'hung';
      socket.destroy();
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => (how = error.code));
    socket.once('close', () => resolve([Buffer.concat(chunks).toString('base64'), how]));
    socket.write(Buffer.from(bytes, 'base64'));
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await Promise.all(JSON.parse(line).map(converse)))}\n`);
}
