import type { RemoteInfo } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** Many VMs whose firmware loads one file by TFTP (RFC 1350, block size by RFC 2348) at the same time:
 * `node tftp-crowd.ts --server ADDRESS --file NAME --count 200 [--block-ms 4] [--hold]`.
 * Prints one line for each: bytes, seconds, how often it had to begin again. With --hold each client that has been answered waits
 * until all have been. */

const [readRequest, data, acknowledge, error, optionAnswer] = [1, 3, 4, 5, 6];
/** Firmware asks again after 4 s (EDK II, MTFTP4_DEFAULT_TIMEOUT); what it takes in one block is its network card's affair. */
const retryMs = 4_000;
const blockBytes = 1468;

interface Settings {
  server: string;
  file: string;
  /** What the firmware takes for each block. */
  blockMs: number;
  /** Called when the server has answered; what it returns is waited for. */
  answered: () => Promise<void>;
}

/** One firmware: asks until it has the file. */
async function load(settings: Settings): Promise<string> {
  const startedAt = performance.now();
  for (let begun = 0; ; begun++) {
    const bytes = await loadOnce(settings);
    if (bytes !== undefined) return `${bytes} ${((performance.now() - startedAt) / 1000).toFixed(1)} ${begun}`;
  }
}

/** @returns bytes; undefined when the server broke off */
function loadOnce({ server, file, blockMs, answered }: Settings): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const socket = createSocket('udp4');
  let [bytes, expected] = [0, 1];
  let wasAnswered = false;
  let retry: NodeJS.Timeout | undefined;

  function send(content: Buffer, port = 69): void {
    socket.send(content, port, server);
    clearTimeout(retry);
    retry = setTimeout(() => send(content, port), retryMs);
  }

  async function take(content: Buffer, { port }: RemoteInfo): Promise<void> {
    const [kind, block] = [content.readUInt16BE(0), content.readUInt16BE(2)];
    if (kind === error) resolve(undefined);
    if (kind === optionAnswer && !wasAnswered) {
      wasAnswered = true;
      clearTimeout(retry);
      await answered();
      send(Buffer.from([0, acknowledge, 0, 0]), port);
    }
    if (kind !== data || block !== expected) return;
    expected = (expected + 1) & 0xffff;
    bytes += content.length - 4;
    if (blockMs > 0) await sleep(blockMs);
    send(Buffer.from([0, acknowledge, block >> 8, block & 0xff]), port);
    if (content.length - 4 < blockBytes) resolve(bytes);
  }

  socket.on('error', reject).on('message', (content, from) => void take(content, from).catch(reject));
  send(Buffer.from(`\0${String.fromCharCode(readRequest)}${file}\0octet\0blksize\0${blockBytes}\0`, 'latin1'));
  return promise.finally(() => {
    clearTimeout(retry);
    socket.close();
  });
}

/** @returns a function that waits until it has been called so many times */
function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve(undefined);
    return promise;
  };
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    file: { type: 'string', default: '' },
    count: { type: 'string', default: '1' },
    'block-ms': { type: 'string', default: '0' },
    hold: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const answered = values.hold ? barrier(count) : () => Promise.resolve();
const settings = { server: values.server, file: values.file, blockMs: Number(values['block-ms']), answered };
for (const line of await Promise.all(Array.from({ length: count }, () => load(settings)))) console.log(line);
