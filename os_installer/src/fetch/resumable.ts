import { setTimeout as sleep } from 'node:timers/promises';

import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';
import type { Dispatcher } from 'undici';
import { Agent, request } from 'undici';

export interface ResumeOptions {
  /** No byte for this long: the connection is given up and the next one resumes. */
  stallMs: number;
  /** No byte for this long over all attempts: the download is given up. */
  giveUpMs: number;
  /** 403 or 404 for this long in the middle of the file: it is gone. Before that, a server that restarts may only be up before
   * the file system that holds the file is mounted. */
  goneMs: number;
  /** Pause between attempts. */
  retryMs: number;
  /** Told once for each interruption. */
  onInterruption(reason: string, offset: number): void;
}

export const defaultResumeOptions: Omit<ResumeOptions, 'onInterruption'> = {
  stallMs: 30_000,
  giveUpMs: 600_000,
  goneMs: 60_000,
  retryMs: 2_000,
};

/** How far a download is. */
interface Progress {
  /** Bytes received. */
  offset: number;
  /** Of the file that they are of. */
  identity?: Identity;
  /** By the monotonic clock, as goneSince: the time of day jumps when a suspended host goes on. */
  lastByteAt: number;
  /** When the server, which has answered nothing else since, first said so. */
  goneSince?: number | undefined;
}

/** The server is there, the file of which a part was read is not. */
class GoneError extends HostError {
  override readonly name: string = 'GoneError';
}

/** What identifies the file, so that two halves of different files are never joined. */
interface Identity {
  /** Value of If-Range: a strong ETag, else a date that is old enough; absent when the server gives neither. */
  validator?: string;
  /** Whole length in bytes. */
  total: number;
}

/** What an answer says of the file. */
interface Answered extends Identity {
  /** Byte at which its part begins; undefined when it has no part of the file. */
  start: number | undefined;
}

/** Reads a URL to its end. An interrupted transfer goes on at the exact byte (RFC 9110, 14: Range, 13.1.5: If-Range).
 * @throws InputError the server refuses the request or does not say how long the file is, the file changed in between or is
 *   gone for `goneMs`, or nothing proves that it did not change
 * @throws HostError no byte came for `giveUpMs`; the cause is the last interruption */
export async function* readResumable(url: string, options: ResumeOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const agent = new Agent({
    connect: { timeout: options.stallMs },
    headersTimeout: options.stallMs,
    bodyTimeout: options.stallMs,
  });
  const progress: Progress = { offset: 0, lastByteAt: performance.now() };
  try {
    for (;;) {
      try {
        const response = await request(url, { dispatcher: agent, headers: rangeHeaders(progress) });
        const identity = checkResponse(url, response, progress);
        progress.identity = identity;
        for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
          progress.offset += chunk.length;
          yield chunk;
          // A slow disk holds the stream up as well; that is not the network's fault.
          progress.lastByteAt = performance.now();
        }
        if (progress.offset === identity.total) return;
        throw new HostError(`the connection ended after ${progress.offset} of ${identity.total} bytes`);
      } catch (cause) {
        if (isComplete(progress)) return;
        const failure = judge(url, cause, progress, options);
        if (failure !== undefined) throw failure;
        options.onInterruption(describeError(cause), progress.offset);
        await sleep(options.retryMs);
      }
    }
  } finally {
    await agent.destroy();
  }
}

/** A part that bears no length of its own may break when its last byte has come; there is nothing behind it to ask for. */
function isComplete({ offset, identity }: Progress): boolean {
  return offset > 0 && offset === identity?.total;
}

/** Notes when the file was first found gone.
 * @returns why the download ends with this interruption; undefined when it goes on */
function judge(url: string, cause: unknown, progress: Progress, options: ResumeOptions): Error | undefined {
  if (cause instanceof InputError) return cause;
  const { offset, identity, lastByteAt } = progress;
  if (offset > 0 && identity?.validator === undefined) return cannotProve(url, offset, cause);
  const now = performance.now();
  progress.goneSince = cause instanceof GoneError ? (progress.goneSince ?? now) : undefined;
  if (now - (progress.goneSince ?? now) > options.goneMs) return gone(url, offset, options.goneMs, cause);
  if (now - lastByteAt <= options.giveUpMs) return undefined;
  return new HostError(`fetch ${url}: no byte for ${options.giveUpMs} ms at offset ${offset}`, { cause });
}

function rangeHeaders({ offset, identity }: Progress): Record<string, string> {
  if (offset === 0 || identity?.validator === undefined) return {};
  return { range: `bytes=${offset}-`, 'if-range': identity.validator };
}

function checkResponse(url: string, response: Dispatcher.ResponseData, progress: Progress): Identity {
  const { statusCode } = response;
  const { offset, identity: before } = progress;
  const trouble = passingTrouble(statusCode, offset);
  if (trouble !== undefined) {
    discard(response.body);
    throw trouble;
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
  now: Answered | undefined,
): InputError {
  const from = status === 206 && now?.start !== undefined ? ` from byte ${now.start}` : '';
  return new InputError(
    `fetch ${url}: asked to go on at byte ${offset} of ${showIdentity(before)}, the server answered ${status} with ` +
      `${showIdentity(now)}${from}: the file changed, or the server has no byte ranges; start the installation again`,
  );
}

function cannotProve(url: string, offset: number, cause: unknown): InputError {
  return new InputError(
    `fetch ${url}: interrupted at byte ${offset}, and without a strong ETag or an old enough Last-Modified nothing proves that ` +
      'the rest is of the same file; start the installation again',
    { cause },
  );
}

function gone(url: string, offset: number, goneMs: number, cause: unknown): InputError {
  return new InputError(
    `fetch ${url}: interrupted at byte ${offset}, and for ${goneMs} ms the server has refused the rest; check that the file is ` +
      'still there and readable, and start the installation again',
    { cause },
  );
}

function showIdentity(identity: Identity | undefined): string {
  return identity === undefined ? 'no file' : `version ${identity.validator ?? 'unknown'}, length ${identity.total}`;
}

/** RFC 9110, 15.6 and 15.5.9; RFC 6585, 4: asking again may help. So it may with a file that was there. */
function passingTrouble(statusCode: number, offset: number): HostError | undefined {
  const message = `the server answered ${statusCode}`;
  if (statusCode >= 500 || statusCode === 408 || statusCode === 429) return new HostError(message);
  return offset > 0 && (statusCode === 403 || statusCode === 404) ? new GoneError(message) : undefined;
}

/** Content-Length is the file's in an answer with the whole file only; else it is the part's, or that of an error page.
 * RFC 9110, 14.4: a server that has no such part tells the whole length all the same.
 * @returns undefined when it does not tell the file's whole length */
function identityOf({ statusCode, headers }: Dispatcher.ResponseData): Answered | undefined {
  const validator = validatorOf(text(headers['etag']), text(headers['last-modified']), text(headers['date']));
  const known = validator === undefined ? {} : { validator };
  if (statusCode === 200) {
    const length = text(headers['content-length']);
    return /^\d+$/.test(length) ? { ...known, start: 0, total: Number(length) } : undefined;
  }
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(text(headers['content-range']));
  if (range === null) return undefined;
  return { ...known, start: range[1] === undefined ? undefined : Number(range[1]), total: Number(range[2]) };
}

/** RFC 9110, 13.1.5: If-Range takes strong validators only. 8.8.2.2: a date is one when it is a second older than the answer. */
function validatorOf(etag: string, lastModified: string, date: string): string | undefined {
  if (etag.startsWith('"')) return etag;
  return Date.parse(date) - Date.parse(lastModified) >= 1_000 ? lastModified : undefined;
}

function text(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
