import type { Answer, Route } from '../http/answer.ts';
import { compactJsonAnswer } from '../http/answer.ts';
import type { Services } from '../services.ts';

/** `GET /api/images`: every image directory, what was found in it, and whether it installs. */
export function imagesRoute({ inspected }: Pick<Services, 'inspected'>): Route {
  return (): Answer => {
    const images = inspected
      .all()
      .map(({ image, state, reason, since, faults, warnings, kernelsWithoutModules, facts }) => {
        const installs = state === 'inspected' ? faults.length === 0 : undefined;
        return {
          directory: `images/${image}`,
          state,
          reason,
          since,
          installs,
          faults,
          warnings,
          kernelsWithoutModules,
          facts,
        };
      });
    return compactJsonAnswer({ images });
  };
}
