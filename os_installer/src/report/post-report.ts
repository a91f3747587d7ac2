import { describeError } from '@pxeboot/config/kit/errors';
import type { Dispatcher } from 'undici';
import { request } from 'undici';

import type { Outcome } from './report-queue.ts';

const tooManyRequests = 429;
const postTimeoutMs = 3_000;
/** Characters of the server's answer in a line of the log. */
const answerLimit = 300;

/** Sends one event. Never throws. A server that is asked too often, or is away, may take it the next time. */
export async function postReport(url: string, token: string | undefined, body: string): Promise<Outcome> {
  try {
    const proof = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...proof };
    const timeouts = { headersTimeout: postTimeoutMs, bodyTimeout: postTimeoutMs };
    const response = await request(url, { method: 'POST', headers, body, ...timeouts });
    const status = response.statusCode;
    if (status >= 300 && status < 500 && status !== tooManyRequests)
      return { kind: 'refused', status, answer: await firstWords(response.body) };
    await response.body.dump();
    return status < 300 ? { kind: 'taken' } : { kind: 'away', reason: `the server answered ${status}` };
  } catch (error) {
    return { kind: 'away', reason: describeError(error) };
  }
}

/** For a terminal: in one line, without control characters. */
async function firstWords(body: Dispatcher.ResponseData['body']): Promise<string> {
  // Destroying a body emits an error, which nobody waits for any more.
  body.on('error', () => undefined);
  body.setEncoding('utf8');
  let said = '';
  for await (const chunk of body as AsyncIterable<string>) {
    said += chunk;
    if (said.length >= answerLimit) break;
  }
  return said
    .slice(0, answerLimit)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}
