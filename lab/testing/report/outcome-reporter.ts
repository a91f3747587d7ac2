import type { TestEvent } from 'node:test/reporters';

import type { EndEvent } from './decide/outcomes.ts';
import { countOutcomes } from './decide/outcomes.ts';

/** A reporter of node's test runner: when the run has ended, its files' results as JSON.
 * @see https://nodejs.org/api/test.html#custom-reporters */
export default async function* reportFiles(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const events: EndEvent[] = [];
  for await (const event of source) {
    if (event.type === 'test:pass' || event.type === 'test:fail') events.push(event);
  }
  yield JSON.stringify(countOutcomes(events, process.cwd()));
}
