import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';

// A stand-in for a host resolver whose own upstream is the stack: it sends every question on to the address given
// and counts the questions in a file.
const [upstream = '', countFile = ''] = process.argv.slice(2);
const back = createSocket('udp4');
const front = createSocket('udp4');
let questions = 0;

front.on('message', (question) => {
  questions += 1;
  writeFileSync(countFile, String(questions));
  back.send(question, 53, upstream);
});
writeFileSync(countFile, '0');
front.bind(53, '127.0.0.53');
