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
  /** Value of If-Range: a strong ETag, else a date that is old enough; absent when the server gives neither. */
  validator?: string;
  /** Whole length in bytes. */
  total: number;
}

/** Reads a URL to its end. An interrupted transfer goes on at the exact byte (RFC 9110, 14: Range, 13.1.5: If-Range).
 * @throws InputError the server refuses the request or does not say how long the file is, the file changed in between, or
 *   nothing proves that it did not
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
        if (offset === identity.total) return;
        throw new HostError(`the connection ended after ${offset} of ${identity.total} bytes`);
      } catch (cause) {
        if (cause instanceof InputError) throw cause;
        if (offset > 0 && identity?.validator === undefined) throw cannotProve(url, offset, cause);
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
  if (offset === 0 || identity?.validator === undefined) return {};
  return { range: `bytes=${offset}-`, 'if-range': identity.validator };
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
  const now = identityOf(response);
  const isWhole = offset === 0 && statusCode === 200;
  const isRest = offset > 0 && statusCode === 206 && now?.start === offset && isSame(before, now);
  if (now !== undefined && (isWhole || isRest)) return now;
  discard(response.body);
  throw offset > 0 ? cannotResume(url, statusCode, offset, before, now) : refused(url, statusCode);
}

function isSame(before: Identity | undefined, now: Identity): boolean {
  return before?.validator === now.validator && before?.total === now.total;
}

/** Destroying a body emits an error, which nobody waits for any more. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.on('error', () => undefined);
  body.destroy();
}

function refused(url: string, status: number): InputError {
  const what = status === 200 ? ' and does not say how long the file is' : '; check that the file exists there';
  return new InputError(`fetch ${url}: the server answered ${status}${what}`);
}

function cannotResume(
  url: string,
  status: number,
  offset: number,
  before: Identity | undefined,
  now: Identity | undefined,
): InputError {
  return new InputError(
    `fetch ${url}: asked to go on at byte ${offset} of ${showIdentity(before)}, the server answered ${status} with ` +
      `${showIdentity(now)}: the file changed, or the server has no byte ranges; start the installation again`,
  );
}

function cannotProve(url: string, offset: number, cause: unknown): InputError {
  return new InputError(
    `fetch ${url}: interrupted at byte ${offset}, and without a strong ETag or an old enough Last-Modified nothing proves that ` +
      'the rest is of the same file; start the installation again',
    { cause },
  );
}

function showIdentity(identity: Identity | undefined): string {
  return identity === undefined ? 'no file' : `version ${identity.validator ?? 'unknown'}, length ${identity.total}`;
}

/** RFC 9110, 15.6 and 15.5.9; RFC 6585, 4: asking again may help. */
function isTransient(statusCode: number): boolean {
  return statusCode >= 500 || statusCode === 408 || statusCode === 429;
}

/** @returns undefined when it does not tell the file's whole length */
function identityOf({ headers }: Dispatcher.ResponseData): (Identity & { start: number }) | undefined {
  const validator = validatorOf(text(headers['etag']), text(headers['last-modified']), text(headers['date']));
  const known = validator === undefined ? {} : { validator };
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(text(headers['content-range']));
  if (range !== null) return { ...known, start: Number(range[1]), total: Number(range[2]) };
  const length = text(headers['content-length']);
  return /^\d+$/.test(length) ? { ...known, start: 0, total: Number(length) } : undefined;
}

/** RFC 9110, 13.1.5: If-Range takes strong validators only. 8.8.2.2: a date is one when it is a second older than the answer. */
function validatorOf(etag: string, lastModified: string, date: string): string | undefined {
  if (etag.startsWith('"')) return etag;
  return Date.parse(date) - Date.parse(lastModified) >= 1_000 ? lastModified : undefined;
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
