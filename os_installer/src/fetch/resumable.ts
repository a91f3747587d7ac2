import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError, InputError } from '@pxeboot/config/errors';
import type { Dispatcher } from 'undici';
import { Agent, request } from 'undici';

export interface ResumeOptions {
  /** No byte for this long: the connection is given up and the next one resumes. */
  stallMs: number;
  /** No byte for this long over all attempts: the download is given up. */
  giveUpMs: number;
  /** Pause between attempts. */
  retryMs: number;
  /** Told once for each interruption. */
  onInterruption(reason: string, offset: number): void;
}

export const defaultResumeOptions: Omit<ResumeOptions, 'onInterruption'> = {
  stallMs: 30_000,
  giveUpMs: 600_000,
  retryMs: 2_000,
};

/** What identifies the file, so that two halves of different files are never joined. */
interface Identity {
  etag: string;
  /** Whole length in bytes; absent when the server does not say. */
  total?: number;
}

/** Reads a URL to its end. An interrupted transfer goes on at the exact byte (RFC 9110, 14: Range, 13.1.5: If-Range).
 * @throws InputError the server refuses the request, or the file changed in between
 * @throws HostError no byte came for `giveUpMs`; the cause is the last interruption */
export async function* readResumable(url: string, options: ResumeOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const agent = new Agent({
    connect: { timeout: options.stallMs },
    headersTimeout: options.stallMs,
    bodyTimeout: options.stallMs,
  });
  let identity: Identity | undefined;
  let offset = 0;
  let lastByteAt = Date.now();
  try {
    for (;;) {
      try {
        const response = await request(url, { dispatcher: agent, headers: rangeHeaders(offset, identity) });
        identity = checkResponse(url, response, offset, identity);
        for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
          offset += chunk.length;
          yield chunk;
          // A slow disk holds the stream up as well; that is not the network's fault.
          lastByteAt = Date.now();
        }
        if (identity.total === undefined || offset === identity.total) return;
        throw new HostError(`the connection ended after ${offset} of ${identity.total} bytes`);
      } catch (cause) {
        if (cause instanceof InputError) throw cause;
        if (Date.now() - lastByteAt > options.giveUpMs) {
          throw new HostError(`fetch ${url}: no byte for ${options.giveUpMs} ms at offset ${offset}`, { cause });
        }
        options.onInterruption(describeError(cause), offset);
        await sleep(options.retryMs);
      }
    }
  } finally {
    await agent.destroy();
  }
}

function rangeHeaders(offset: number, identity: Identity | undefined): Record<string, string> {
  if (offset === 0 || identity === undefined) return {};
  return { range: `bytes=${offset}-`, ...(isStrong(identity.etag) ? { 'if-range': identity.etag } : {}) };
}

/** RFC 9110, 13.1.5: If-Range takes strong validators only. */
function isStrong(etag: string): boolean {
  return etag.startsWith('"');
}

function checkResponse(
  url: string,
  response: Dispatcher.ResponseData,
  offset: number,
  before: Identity | undefined,
): Identity {
  const { statusCode } = response;
  if (isTransient(statusCode)) {
    discard(response.body);
    throw new HostError(`the server answered ${statusCode}`);
  }
  if (statusCode !== 200 && statusCode !== 206) {
    discard(response.body);
    throw new InputError(`fetch ${url}: the server answered ${statusCode}; check that the file exists there`);
  }
  const now = identityOf(response);
  const resumed = statusCode === 206 && now.start === offset;
  const same = before === undefined || (before.etag === now.etag && before.total === now.total);
  if (same && (resumed || (offset === 0 && statusCode === 200))) return now;
  discard(response.body);
  throw cannotResume(url, statusCode, offset, before, now);
}

/** Destroying a body emits an error, which nobody waits for any more. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined);
  body.destroy();
}

function cannotResume(
  url: string,
  status: number,
  offset: number,
  before: Identity | undefined,
  now: Identity,
): InputError {
  return new InputError(
    `fetch ${url}: asked to go on at byte ${offset} of ${showIdentity(before)}, the server answered ${status} with ` +
      `${showIdentity(now)}: the file changed, or the server has no byte ranges; start the installation again`,
  );
}

function showIdentity(identity: Identity | undefined): string {
  return identity === undefined ? 'nothing' : `ETag ${identity.etag || 'none'}, length ${identity.total ?? 'unknown'}`;
}

/** RFC 9110, 15.6 and 15.5.9; RFC 6585, 4: asking again may help. */
function isTransient(statusCode: number): boolean {
  return statusCode >= 500 || statusCode === 408 || statusCode === 429;
}

function identityOf({ headers }: Dispatcher.ResponseData): Identity & { start: number } {
  const etag = text(headers['etag']);
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(text(headers['content-range']));
  if (range !== null) return { etag, start: Number(range[1]), total: Number(range[2]) };
  const length = text(headers['content-length']);
  return { etag, start: 0, ...(/^\d+$/.test(length) ? { total: Number(length) } : {}) };
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
