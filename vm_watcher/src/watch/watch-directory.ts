import { basename } from 'node:path';

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
  const { onEvent, onReplaced, onError } = callbacks;
  let others: readonly string[] = [];
  const watcher = watch(directory, {
    depth: 0,
    ignoreInitial: true,
    atomic: false,
    ignored: (path) => path !== directory && !others.includes(path),
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

  return {
    watchAlso(directories) {
      const before = others;
      const added = directories.filter((path) => path !== directory && !before.includes(path));
      watcher.unwatch(before.filter((path) => !directories.includes(path)));
      others = directories;
      watcher.add(added);
      return added;
    },
    close: () => watcher.close(),
  };
}
