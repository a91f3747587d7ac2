import type { Log, LogValue } from '@pxeboot/config/host/log';
import { escapeJson, shorten } from '@pxeboot/config/kit/text';
import type { Request, RequestHandler } from 'express';

import { AnswerTooLargeError } from './request-errors.ts';

/** Bytes: twice what the list of 10,000 VMs takes, with the longest names and reports. */
export const answerLimit = 16 * 2 ** 20;

/** A complete answer as data: nothing is sent before all of it is known. */
export interface Answer {
  status: 200 | 204;
  type: 'text/plain' | 'application/yaml' | 'application/json';
  body: string;
  /** The file that nginx sends in place of the body: a path among its locations. */
  servedAs?: string;
  /** What to ask for when it is too large. */
  smaller?: string;
  /** The one log line of this request; undefined keeps the log quiet. */
  event?: { message: string; level?: 'warn'; fields: Record<string, LogValue> };
}

export type Route = (request: Request) => Answer | Promise<Answer>;

/** JSON that a person can read too: for what nobody but the owner of the stack has written. */
export function jsonAnswer(content: object): Answer {
  return { status: 200, type: 'application/json', body: `${escapeJson(JSON.stringify(content, undefined, 2))}\n` };
}

/** JSON in one line, for what guests have sent: indented it may be many times as long. */
export function compactJsonAnswer(content: object): Answer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(content)}\n` };
}

/** Turns a route into an Express handler: sends its answer and writes its log line; errors go to the error handler.
 * @param limit bytes; a longer answer is an AnswerTooLargeError */
export function serve(log: Log, route: Route, limit = answerLimit): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now();
    const answer = await route(request);
    refuseTooLarge(request, answer, limit);
    response.writeHead(answer.status, headersOf(answer));
    response.end(answer.body);
    if (answer.event === undefined) return;
    const { message, level = 'info', fields } = answer.event;
    log[level](message, { ...fields, ms: Math.round(performance.now() - startedAt) });
  };
}

function refuseTooLarge({ method, path }: Request, { body, smaller }: Answer, limit: number): void {
  const bytes = Buffer.byteLength(body);
  if (bytes <= limit) return;
  const instead = smaller === undefined ? '' : `; ${smaller}`;
  throw new AnswerTooLargeError(
    `answer ${method} ${shorten(path, 200)}: the answer has ${bytes} bytes, and at most ${limit} are sent${instead}`,
  );
}

function headersOf(answer: Answer): Record<string, string | number> {
  if (answer.status === 204) return {};
  if (answer.servedAs !== undefined) return { 'X-Accel-Redirect': answer.servedAs, 'Content-Length': 0 };
  return {
    'Content-Type': `${answer.type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
  };
}
