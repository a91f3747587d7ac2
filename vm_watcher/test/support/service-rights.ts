import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const supervisord = join(import.meta.dirname, '../../../supervisord.conf');
/** No user of the machine, and so not dnsmasq's. */
const otherUser = '60001';

/** Options of setpriv(1) that a service of the container is started with. vm_watcher's own user, which only the container has, is a
 * number here. */
export function serviceRights(service: 'dnsmasq' | 'vm_watcher'): string[] {
  const section = readFileSync(supervisord, 'utf8').split(`[program:${service}]\n`)[1] ?? '';
  const options = /^command=setpriv (.*?) -- /m.exec(section)?.[1];
  if (options === undefined) throw new Error(`supervisord.conf starts ${service} without setpriv`);
  return options.replaceAll('=vm_watcher', `=${otherUser}`).split(' ');
}

/** Who vm_watcher is in tests. */
export const watcherUser = Number(otherUser);
