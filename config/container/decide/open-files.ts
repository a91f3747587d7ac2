/** How many files and sockets the services may have open, and what follows for each. */
export interface OpenFiles {
  /** The limit of open files of each service, as getrlimit(2) calls it RLIMIT_NOFILE (soft). */
  limit: number;
  /** Connections of one nginx worker; one that is passed on to boot_handler counts twice. */
  connections: number;
}

/** Enough for 1000 TFTP transfers of dnsmasq (config/container/templates/dnsmasq.conf.hbs) and for nginx's connections. More is no use, and
 * programs that close all files up to their limit at their start would take long. */
const enough = 16_384;
const mostConnections = 4096;

/** Newer versions of Docker give a container a soft limit of 1024, of which dnsmasq makes about 900 transfers, with a warning. Node
 * raises its own to the hard limit, which may be a thousand million: what its children get is set here, and relies on neither.
 * @param limits text of /proc/self/limits (proc_pid_limits(5))
 * @throws Error it has no line for open files */
export function planOpenFiles(limits: string): OpenFiles {
  const [, hard] = /^Max open files +\S+ +(\d+|unlimited) +files/m.exec(limits) ?? [];
  if (hard === undefined) throw new Error('read /proc/self/limits: it has no line "Max open files"');
  const limit = Math.min(enough, hard === 'unlimited' ? enough : Number(hard));
  // A download takes two: its connection and its file.
  return { limit, connections: Math.min(mostConnections, Math.floor(limit / 2)) };
}
