import type { Log } from '@pxeboot/config/host/log';
import { HostError, InputError, describeError } from '@pxeboot/config/kit/errors';
import type { Fault } from '@pxeboot/config/kit/fault';
import { escapeOdd, shorten } from '@pxeboot/config/kit/text';
import type { ErrorRequestHandler } from 'express';

/** An answer other than 200 that the client can do something about. */
export class RequestError extends InputError {
  override readonly name = 'RequestError';
  readonly status: 400 | 403 | 404 | 409 | 413 | 429;
  /** No line of the log: there is one like it. */
  readonly quiet: boolean;

  constructor(status: RequestError['status'], message: string, options: ErrorOptions & { quiet?: boolean } = {}) {
    super(message, options);
    this.status = status;
    this.quiet = options.quiet ?? false;
  }
}

/** The answer is larger than any that is sent; the message says what to ask for instead. */
export class AnswerTooLargeError extends HostError {
  override readonly name = 'AnswerTooLargeError';
}

/** Characters, since reasons hold what guests have sent: in a line of the log, in an answer, and of a URL in the log. */
const [loggedReason, answeredReason, loggedUrl] = [1_000, 8_000, 300];

/** What was asked for cannot be done until its faults are mended. @param what such as `boot "web1"` */
export function faultyError(what: string, faults: readonly Fault[]): RequestError {
  return new RequestError(409, `${what}: ${faults.map(({ problem, fix }) => `${problem}; ${fix}`).join('\n')}`);
}

/** The last handler: every error becomes one answer and one log line.
 * What the client can mend is told to the client; what failed here is told to the log only, but for an answer that is too large. */
export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const status = statusOf(error);
    const url = shorten(request.originalUrl, loggedUrl);
    const fields = { status, method: request.method, url, reason: shorten(describeError(error), loggedReason) };
    if (status >= 500) log.error('request failed', fields);
    else if (!(error instanceof RequestError && error.quiet)) log.info('request refused', fields);
    if (response.headersSent) {
      next(error);
      return;
    }
    response
      .status(status)
      .type('text/plain')
      .set(status === 429 ? { 'Retry-After': '1' } : {})
      .send(`${shorten(escapeLines(bodyOf(error, status)), answeredReason)}\n`);
  };
}

function statusOf(error: unknown): number {
  if (error instanceof RequestError) return error.status;
  if (error instanceof InputError) return 409;
  if (error instanceof AnswerTooLargeError) return 500;
  if (error instanceof HostError) return 503;
  return bodyParserStatus(error) ?? 500;
}

/** express and its body parser throw errors that carry the client's fault as a number. */
function bodyParserStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

/** For a terminal: a reason may hold what a guest has reported, such as the name of its disk. */
function escapeLines(text: string): string {
  return text.split('\n').map(escapeOdd).join('\n');
}

function bodyOf(error: unknown, status: number): string {
  if (status < 500 || error instanceof AnswerTooLargeError) {
    return error instanceof Error ? error.message : describeError(error);
  }
  return status === 503
    ? 'a file or device cannot be read; the log of boot_handler says which'
    : 'internal error; see the log of boot_handler';
}
