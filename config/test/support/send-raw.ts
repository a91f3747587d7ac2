/** Sends bytes to a TCP port and prints what comes back until the other side closes: send-raw.ts ADDRESS PORT BYTES-IN-BASE64. */
import { connect } from 'node:net';

const [, , address = '', port = '', bytes = ''] = process.argv;
const socket = connect(Number(port), address, () => socket.write(Buffer.from(bytes, 'base64')));
socket.pipe(process.stdout);
