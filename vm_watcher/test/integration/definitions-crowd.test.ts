import { test } from 'node:test';

import { networkTest } from '../support/guest-network.ts';
import { serveCrowd } from '../support/serve-crowd.ts';

const count = 20_000;

test(
  `of ${count} definitions, one in five hostile, every line is what its author wrote, and one more edit is live`,
  networkTest(),
  async (t) => {
    t.diagnostic(JSON.stringify(await serveCrowd(count)));
  },
);
