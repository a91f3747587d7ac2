import { describeError, isErrno } from '@pxeboot/config/kit/errors';

/** The limit that was reached, by the error of inotify_add_watch(2) and of inotify_init(2). */
const inotifyLimits = { ENOSPC: 'fs.inotify.max_user_watches', EMFILE: 'fs.inotify.max_user_instances' };

/** What an error of a watch means, as a warning says it. */
export interface WatchErrorMeaning {
  message: string;
  fields: Record<string, string>;
  /** There will be no events at all. Then even VMS_WATCH=events is answered by polling: nothing would be noticed between two
   * rescans. */
  noEvents: boolean;
}

/** Why events are missing, and whether there will be any. @param directory that is watched */
export function explainWatchError(error: unknown, directory: string): WatchErrorMeaning {
  const reason = describeError(error);
  if (!isErrno(error, ...Object.keys(inotifyLimits)))
    return { message: 'file events are not complete, rescans go on', fields: { reason }, noEvents: false };
  const limit = isErrno(error, 'ENOSPC') ? inotifyLimits.ENOSPC : inotifyLimits.EMFILE;
  const fix = `raise ${limit} on the host ("sysctl ${limit}" shows it, "sysctl -w ${limit}=NUMBER" sets it), then restart`;
  return {
    message: 'no file events, the directory is polled',
    fields: { vms: directory, reason, fix },
    noEvents: true,
  };
}
