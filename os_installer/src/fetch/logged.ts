import type { Log } from '@pxeboot/config/host/log';

import { defaultResumeOptions, readResumable } from './resumable.ts';

/** Reads a URL through the network's troubles, which go to the log. */
export function readLogged(url: string, log: Log): ReturnType<typeof readResumable> {
  return readResumable(url, {
    ...defaultResumeOptions,
    onInterruption: (reason, offset) => log.warn('download interrupted, resuming', { offset, reason }),
  });
}
