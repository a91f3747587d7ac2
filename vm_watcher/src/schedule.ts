import type { Passes } from './passes.ts';
import { every } from './watch/every.ts';
import type { Follower } from './watch/follower.ts';

/** From one look at the directory itself to the next. */
export const lookMs = 1000;
/** Catches what events missed. */
const rescanMs = 30_000;

/** Runs the first pass; from then on the follower looks at the directory, and scans it from time to time.
 * @returns stops all of it and waits for what is running */
export async function startSchedule(passes: Passes, follower: Follower): Promise<() => Promise<void>> {
  await passes.first();
  const stopLooking = every(lookMs, follower.look);
  const rescan = setInterval(follower.rescan, rescanMs);

  return async () => {
    clearInterval(rescan);
    await stopLooking();
    await Promise.all([passes.close(), follower.close()]);
  };
}
