import type { Answer, Route } from '../http/answer.ts';
import { jsonAnswer } from '../http/answer.ts';
import type { Services } from '../services.ts';

/** `GET /api/lint`: what is wrong with the definitions, what will not work, what is worth knowing. */
export function lintRoute({ lint }: Services): Route {
  return async (): Promise<Answer> => ({
    ...jsonAnswer({ findings: await lint() }),
    smaller: 'lint-vms in the container prints all of it',
  });
}
