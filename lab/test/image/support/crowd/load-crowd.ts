import { parseArgs } from 'node:util';

import { loadFile } from './tftp.ts';

/** Many VMs whose firmware loads one file at the same time: `node load-crowd.ts --server ADDRESS --file NAME --count 200 [--hold]`.
 * Prints one line for each: bytes, how often it had to begin again. With --hold each client that has been answered waits until all
 * have been. */

/** @returns a function that waits until it has been called so many times */
function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve(undefined);
    return promise;
  };
}

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: '' },
    file: { type: 'string', default: '' },
    count: { type: 'string', default: '1' },
    hold: { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const answered = values.hold ? barrier(count) : () => Promise.resolve();
const { server, file } = values;
const loads = Array.from({ length: count }, () => loadFile({ server, file, blockMs: 0, answered }));
for (const { bytes, begun } of await Promise.all(loads)) console.log(`${bytes} ${begun}`);
