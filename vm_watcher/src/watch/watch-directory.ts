import { basename } from 'node:path';

import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';

export interface WatchCallbacks {
  onEvent(): void;
  /** The directory was moved, removed or unmounted; whatever has its path now is not watched. */
  onReplaced(): void;
  onError(error: unknown): void;
}

export interface DirectoryWatch {
  /** Watches these other directories as well, and no others. @returns those that are new */
  watchAlso(directories: readonly string[]): string[];
  close(): Promise<void>;
}

/** Calls back when something in the directory may have changed, as far as the file system reports it.
 * Events only say "look again": what changed is found by a scan, so no event's kind or order matters. The directory alone is
 * watched and its raw events are taken: that costs one kernel watch, however many files there are. */
export function watchDirectory(directory: string, callbacks: WatchCallbacks): DirectoryWatch {
  const main = watchOne(directory, callbacks);
  // Each has a watcher of its own: chokidar goes on ignoring what is below a directory that one of its watchers has left.
  const others = new Map<string, FSWatcher>();

  function leave(path: string): void {
    void others.get(path)?.close();
    others.delete(path);
  }

  return {
    watchAlso(directories) {
      const wanted = directories.filter((path) => path !== directory);
      for (const path of others.keys()) if (!wanted.includes(path)) leave(path);
      const added = wanted.filter((path) => !others.has(path));
      for (const path of added) {
        // The next look watches what has its path then.
        others.set(path, watchOne(path, { ...callbacks, onReplaced: () => leave(path) }));
      }
      return added;
    },
    async close() {
      await Promise.all([main, ...others.values()].map((watcher) => watcher.close()));
    },
  };
}

function watchOne(directory: string, { onEvent, onReplaced, onError }: WatchCallbacks): FSWatcher {
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
  // Ready: what was saved while the watch was being set up is looked for.
  watcher.once('ready', onEvent);
  return watcher;
}
