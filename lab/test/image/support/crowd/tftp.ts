import type { RemoteInfo } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

const [readRequest, data, acknowledge, error, optionAnswer] = [1, 3, 4, 5, 6];
/** Firmware asks again after 4 s (EDK II, MTFTP4_DEFAULT_TIMEOUT); what it takes in one block is its network card's affair. */
const retryMs = 4_000;
const blockBytes = 1468;

export interface TftpSettings {
  server: string;
  file: string;
  /** Its own address; absent: the first one of the interface. */
  address?: string;
  /** What the firmware takes for each block. */
  blockMs: number;
  /** Called when the server has answered; what it returns is waited for. */
  answered?: () => Promise<void>;
}

export interface Loaded {
  bytes: number;
  seconds: number;
  /** How often it had to begin again. */
  begun: number;
}

/** One firmware loads a file by TFTP (RFC 1350, block size by RFC 2348): it asks until it has it. */
export async function loadFile(settings: TftpSettings): Promise<Loaded> {
  const startedAt = performance.now();
  for (let begun = 0; ; begun++) {
    const bytes = await loadOnce(settings);
    if (bytes !== undefined) return { bytes, seconds: (performance.now() - startedAt) / 1000, begun };
  }
}

/** Asks for a file, and is gone when the server answers: it never hears from it again. */
export async function askAndVanish({ server, file, address }: Omit<TftpSettings, 'blockMs'>): Promise<void> {
  const socket = createSocket('udp4');
  if (address !== undefined) socket.bind({ address });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  socket.on('error', reject).on('message', () => resolve(undefined));
  socket.send(request(file), 69, server);
  await promise.finally(() => socket.close());
}

/** @returns bytes; undefined when the server broke off */
function loadOnce({ server, file, address, blockMs, answered }: TftpSettings): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const socket = createSocket('udp4');
  if (address !== undefined) socket.bind({ address });
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
      await answered?.();
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
  send(request(file));
  return promise.finally(() => {
    clearTimeout(retry);
    socket.close();
  });
}

function request(file: string): Buffer {
  return Buffer.from(`\0${String.fromCharCode(readRequest)}${file}\0octet\0blksize\0${blockBytes}\0`, 'latin1');
}
