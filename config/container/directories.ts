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

/** Each service's own directory below /run/pxeboot, and that of the leases. */
const runDirectories: readonly RunDirectory[] = [
  { path: paths.run, owner: 'root', group: 'root', mode: '0755' },
  { path: paths.watcherOut, owner: 'dnsmasq', group: 'nogroup', mode: '0755' },
  { path: dirname(paths.dnsmasqPid), owner: 'dnsmasq', group: 'nogroup', mode: '0755' },
  { path: dirname(paths.dnsmasqLeases), owner: 'root', group: 'root', mode: '0755' },
  { path: dirname(paths.handlerSocket), owner: 'pxeboot', group: 'pxeboot', mode: '0750' },
  { path: dirname(paths.publishedImages), owner: 'pxeboot', group: 'pxeboot', mode: '0755' },
  { path: paths.nginxRun, owner: 'www-data', group: 'www-data', mode: '0750' },
];

/** Makes the directories, with their owners. */
export async function createRunDirectories(): Promise<void> {
  for (const { path, owner, group, mode } of runDirectories) {
    await run('install', ['-d', '-o', owner, '-g', group, '-m', mode, path], { timeoutMs: 5000 });
  }
}
