/** Follows the directory of its first argument, looks at it twice, and writes on each line what was logged, then how often a pass
 * was started after a file was saved. A program of its own, for limits that are those of a process. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { createFollower } from '../../src/watch/follower.ts';

const [directory = '', setting] = process.argv.slice(2);
const print = (message: string, fields?: unknown): void => {
  process.stdout.write(`${message} ${JSON.stringify(fields ?? {})}\n`);
};
let passes = 0;
const follower = createFollower({
  linkedDirectories: () => [],
  directory,
  setting: setting === 'events' ? 'events' : 'auto',
  trigger: () => passes++,
  passes: () => ({ changed: 0, lastCpuMs: 0 }),
  log: { info: print, warn: print, error: print },
});

await follower.look();
await sleep(500);
await follower.look();
passes = 0;
writeFileSync(join(directory, 'web1.json'), '{}');
await sleep(2000);
print(passes > 0 ? 'noticed' : 'missed');
await follower.close();
