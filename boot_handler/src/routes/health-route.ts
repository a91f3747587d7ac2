import type { Answer } from '../http/answer.ts';

/** `GET /healthz`: 200 while this process answers at all; not logged, since it is asked every few seconds. */
export function healthRoute(): Answer {
  return { status: 200, type: 'text/plain', body: 'ok\n' };
}
