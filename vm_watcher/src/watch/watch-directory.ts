import { basename } from 'node:path';

import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

export interface WatchCallbacks {
  onEvent(): void;
  /** The directory was moved, removed or unmounted; whatever has its path now is not watched. */
  onReplaced(): void;
  onError(error: unknown): void;
}

/** Calls back when something in the directory may have changed, as far as the file system reports it.
 * Events only say "look again": what changed is found by a scan, so no event's kind or order matters. The directory alone is
 * watched and its raw events are taken: that costs one kernel watch, however many files there are. */
export function watchDirectory(directory: string, callbacks: WatchCallbacks): FSWatcher {
  const { onEvent, onReplaced, onError } = callbacks;
  const watcher = watch(directory, {
    depth: 0,
    ignoreInitial: true,
    atomic: false,
    ignored: (path) => path !== directory,
    ignorePermissionErrors: true,
  });
  watcher.on('raw', (event: string, name: string | null) => {
    // The kernel tells of the directory itself under the directory's own name.
    if (event === 'rename' && (name === null || name === basename(directory))) onReplaced();
    onEvent();
  });
  watcher.on('all', onEvent);
  watcher.on('error', onError);
  return watcher;
}
