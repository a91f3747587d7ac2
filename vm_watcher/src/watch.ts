import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

/** Calls back when a definition may have changed, as far as the file system reports it.
 * Events only say "look again": what changed is found by a scan, so no event's kind or order matters.
 * @param vmsDir may be missing; its appearance is an event */
export function watchDefinitions(vmsDir: string, onEvent: () => void, onError: (error: unknown) => void): FSWatcher {
  const watcher = watch(vmsDir, {
    depth: 0,
    ignoreInitial: true,
    // Both halves of a rename may arrive: the scan is cheap, waiting for the second half is not.
    atomic: false,
    ignored: (path, stats) => stats?.isFile() === true && !path.endsWith('.json'),
    ignorePermissionErrors: true,
  });
  watcher.on('all', onEvent);
  watcher.on('error', onError);
  return watcher;
}
