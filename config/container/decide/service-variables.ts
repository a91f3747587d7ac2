import { paths } from '../../contract/paths.ts';

type Variables = Record<string, string | undefined>;

/** The environment of supervisord and of all services. One clock for all their lines, UTC: nginx and supervisord write local time, and the
 * container may have TZ, or the host's /etc/localtime. In a form that needs no time zone files (POSIX.1, 8.3). */
export function serviceVariables(given: Variables): Variables {
  // At its start Python tries whether it can write to the directory for temporary files.
  return { ...given, TZ: 'UTC0', TMPDIR: paths.run };
}
