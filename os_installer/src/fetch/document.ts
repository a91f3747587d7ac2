import { setTimeout as sleep } from 'node:timers/promises';

import { HostError, InputError } from '@pxeboot/config/kit/errors';
import { request } from 'undici';

const timeouts = { headersTimeout: 10_000, bodyTimeout: 10_000 };

export interface RetryOptions {
  attempts: number;
  pauseMs: number;
}

const patient: RetryOptions = { attempts: 15, pauseMs: 2_000 };

/** Of a server that has too much to do for this client at the moment (RFC 6585, 4). */
const tooManyRequests = 429;

/** Fetches a small text.
 * @throws InputError the server refuses with a 4xx status; its answer is quoted
 * @throws HostError it could not be had within the attempts */
export async function fetchText(url: string, retry: RetryOptions = patient): Promise<string> {
  return attempt(url, retry, async () => {
    const response = await request(url, timeouts);
    const body = await response.body.text();
    checkStatus(url, response.statusCode, body);
    return body;
  });
}

/** As fetchText; undefined when the server says that there is no such file.
 * @param checkSize called with the number of bytes received so far; throws when there are too many */
export async function fetchOptionalText(
  url: string,
  checkSize: (bytes: number) => void,
  retry: RetryOptions = patient,
): Promise<string | undefined> {
  return attempt(url, retry, async () => {
    const response = await request(url, timeouts);
    const body = await readText(response.body, checkSize);
    if (response.statusCode === 404) return undefined;
    checkStatus(url, response.statusCode, body);
    return body;
  });
}

async function readText(body: AsyncIterable<Uint8Array>, checkSize: (bytes: number) => void): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    checkSize(bytes);
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** Fetches a part of a file; undefined when the server has no byte ranges.
 * @param range value of the Range header (RFC 9110, 14.1.2), for some bytes only
 * @throws as fetchText does */
export async function fetchPart(
  url: string,
  range: string,
  retry: RetryOptions = patient,
): Promise<Uint8Array | undefined> {
  return attempt(url, retry, async () => {
    const response = await request(url, { ...timeouts, headers: { range } });
    if (response.statusCode === 206) return new Uint8Array(await response.body.arrayBuffer());
    // The whole file would follow. Destroying a body emits an error, which nobody waits for any more.
    response.body.on('error', () => undefined);
    response.body.destroy();
    if (response.statusCode !== 416) checkStatus(url, response.statusCode, '');
    return undefined;
  });
}

/** Fetches a file's first bytes, also from a server that has no byte ranges: no more than these are read from it.
 * @returns as many as were asked for, or the whole file
 * @throws as fetchText does */
export async function fetchStart(url: string, length: number, retry: RetryOptions = patient): Promise<Uint8Array> {
  return attempt(url, retry, async () => {
    const response = await request(url, { ...timeouts, headers: { range: `bytes=0-${length - 1}` } });
    const parts: Uint8Array[] = [];
    let missing = length;
    if (response.statusCode === 200 || response.statusCode === 206) {
      for await (const part of response.body as AsyncIterable<Uint8Array>) {
        parts.push(part.subarray(0, missing));
        missing -= part.length;
        if (missing <= 0) break;
      }
    }
    response.body.on('error', () => undefined);
    response.body.destroy();
    if (response.statusCode !== 206) checkStatus(url, response.statusCode, '');
    return Buffer.concat(parts);
  });
}

/** Asks for a file's length without fetching it.
 * @throws as fetchText does; InputError the server does not say, or the file is empty */
export async function fetchLength(url: string, retry: RetryOptions = patient): Promise<number> {
  return attempt(url, retry, async () => {
    const response = await request(url, { ...timeouts, method: 'HEAD' });
    await response.body.dump();
    checkStatus(url, response.statusCode, '');
    const length = response.headers['content-length'];
    if (typeof length !== 'string' || !/^\d+$/.test(length)) {
      throw new InputError(
        `fetch ${url}: the server does not say how long it is, so that a short one would pass for whole`,
      );
    }
    if (Number(length) === 0) throw new InputError(`fetch ${url}: it is empty; fetch the image again`);
    return Number(length);
  });
}

async function attempt<T>(url: string, { attempts, pauseMs }: RetryOptions, fetchOnce: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await fetchOnce();
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      if (count >= attempts) throw new HostError(`fetch ${url}: no answer after ${attempts} attempts`, { cause });
      await sleep(pauseMs);
    }
  }
}

function checkStatus(url: string, status: number, body: string): void {
  if (status === 200) return;
  const quoted = body === '' ? '' : `: ${JSON.stringify(body.slice(0, 300))}`;
  if (status >= 400 && status < 500 && status !== tooManyRequests)
    throw new InputError(`fetch ${url}: the server answered ${status}${quoted}`);
  throw new HostError(`the server answered ${status}${quoted}`);
}
