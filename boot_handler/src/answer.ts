import type { Log, LogValue } from '@pxeboot/config/log';
import type { Request, RequestHandler } from 'express';

/** A complete answer as data: nothing is sent before all of it is known. */
export interface Answer {
  status: 200 | 204;
  type: 'text/plain' | 'application/yaml' | 'application/json';
  body: string;
  /** The one log line of this request; undefined keeps the log quiet. */
  event?: { message: string; level?: 'warn'; fields: Record<string, LogValue> };
}

export type Route = (request: Request) => Answer | Promise<Answer>;

/** JSON that a person can read too. */
export function jsonAnswer(content: object): Answer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(content, undefined, 2)}\n` };
}

/** Turns a route into an Express handler: sends its answer and writes its log line; errors go to the error handler. */
export function serve(log: Log, route: Route): RequestHandler {
  return async (request, response) => {
    const startedAt = performance.now();
    const answer = await route(request);
    response.writeHead(answer.status, headersOf(answer));
    response.end(answer.body);
    if (answer.event === undefined) return;
    const { message, level = 'info', fields } = answer.event;
    log[level](message, { ...fields, ms: Math.round(performance.now() - startedAt) });
  };
}

function headersOf(answer: Answer): Record<string, string | number> {
  if (answer.status === 204) return {};
  return {
    'Content-Type': `${answer.type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
  };
}
