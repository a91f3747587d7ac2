import { describeError } from '@pxeboot/config/kit/errors';
import type { Dispatcher } from 'undici';
import { request } from 'undici';

import type { Outcome } from './report-queue.ts';

const postTimeoutMs = 3_000;
/** Characters of the server's answer in a line of the log. */
const answerLimit = 300;

/** Sends one event. Never throws. */
export async function postReport(url: string, body: string): Promise<Outcome> {
  try {
    const headers = { 'content-type': 'application/json' };
    const timeouts = { headersTimeout: postTimeoutMs, bodyTimeout: postTimeoutMs };
    const response = await request(url, { method: 'POST', headers, body, ...timeouts });
    const status = response.statusCode;
    if (status >= 300 && status < 500) return { kind: 'refused', status, answer: await firstWords(response.body) };
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
