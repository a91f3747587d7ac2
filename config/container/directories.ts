import { dirname } from 'node:path';

import { paths } from '../contract/paths.ts';
import { run } from '../host/run.ts';

/** A directory that a service needs before it starts. */
interface RunDirectory {
  path: string;
  owner: string;
  group: string;
  mode: string;
}

/** Each service's own directory below /run/pxeboot, and that of the leases. dnsmasq writes its two files while it is root, or into what it
 * has opened as root, so it gets no directory: its user can put nothing in the place of a file that others read. */
const runDirectories: readonly RunDirectory[] = [
  { path: paths.run, owner: 'root', group: 'root', mode: '0755' },
  { path: paths.watcherOut, owner: 'vm_watcher', group: 'vm_watcher', mode: '0755' },
  { path: dirname(paths.dnsmasqPid), owner: 'root', group: 'root', mode: '0755' },
  { path: dirname(paths.dnsmasqLeases), owner: 'root', group: 'root', mode: '0755' },
  { path: dirname(paths.handlerSocket), owner: 'pxeboot', group: 'pxeboot', mode: '0750' },
  { path: dirname(paths.publishedImages), owner: 'pxeboot', group: 'pxeboot', mode: '0755' },
  { path: paths.nginxRun, owner: 'www-data', group: 'www-data', mode: '0750' },
];

/** Makes the directories, with their owners. The mode is set while a directory is root's, which needs no capability (FOWNER), also
 * where an earlier start has given it away. */
export async function createRunDirectories(): Promise<void> {
  for (const { path, owner, group, mode } of runDirectories) {
    await run('install', ['-d', '-o', 'root', '-g', 'root', '-m', mode, path], { timeoutMs: 5000 });
    await run('chown', [`${owner}:${group}`, path], { timeoutMs: 5000 });
  }
}
