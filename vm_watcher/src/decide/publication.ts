import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { definitionsInForce, formatPublishedState } from '@pxeboot/config/contract/published-state';

import type { Change } from './changes.ts';
import { hostsFiles } from './hosts-files.ts';

/** One of the files that vm_watcher keeps equal to the definitions. */
export interface PublishedFile {
  name: string;
  content: string;
  /** It reads the file again only when it is told. */
  readByDnsmasq: boolean;
}

/** The file that holds the state itself, for boot_handler and for a later run. */
export const stateFile = 'vms.json';

/** The files that must be written for this state, in this order: what boot_handler answers from comes after what dnsmasq reads.
 * @param written contents by name, as far as this run has written them */
export function filesToWrite(written: ReadonlyMap<string, string>, next: PublishedState): PublishedFile[] {
  const { dhcp, dns } = hostsFiles(definitionsInForce(next));
  const files = [
    { name: 'dhcp-hosts', content: dhcp, readByDnsmasq: true },
    { name: 'dns-hosts', content: dns, readByDnsmasq: true },
    { name: stateFile, content: formatPublishedState(next), readByDnsmasq: false },
  ];
  return files.filter(({ name, content }) => written.get(name) !== content);
}

/** The line about what keeps the vms directory from being read: once for each problem, and once when there is none any more.
 * @param problem words for the log; undefined: it could be read */
export function directoryNews(before: string | undefined, problem: string | undefined, vmsDir: string): Change[] {
  if (problem === before) return [];
  if (problem === undefined)
    return [{ level: 'info', message: 'vms directory can be read again', fields: { vms: vmsDir } }];
  const message = 'waiting for the vms directory; what was in force stays so';
  return [{ level: 'warn', message, fields: { reason: problem } }];
}
