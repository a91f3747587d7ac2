import { isIpv4, isIpv6 } from '../../kit/ip.ts';

/** A resolv.conf(5) file and its text, undefined when there is none. */
export interface ResolvFile {
  path: string;
  text: string | undefined;
  /** Why it cannot be read. */
  error?: string;
}

/** Which servers are asked for names outside the lab, or why none is. */
export type Resolvers = { path: string; servers: string[] } | { reason: string };

/** systemd-resolved's list of real servers, then the usual list (which may name only its stub, 127.0.0.53). */
export const resolvFiles = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'] as const;

/** The servers of the first file that names one other than this stack itself; forwarding to ourselves would go round in a loop. */
export function chooseResolvers(files: readonly ResolvFile[], ownAddress: string): Resolvers {
  for (const { path, text } of files) {
    const servers = nameservers(text ?? '').filter((server) => server !== ownAddress);
    if (servers.length > 0) return { path, servers };
  }
  return { reason: files.map(whyNone).join('; ') };
}

/** What dnsmasq reads. */
export function resolvFileText(resolvers: Resolvers): string {
  return 'servers' in resolvers ? resolvers.servers.map((server) => `nameserver ${server}\n`).join('') : '';
}

function whyNone({ path, text, error }: ResolvFile): string {
  if (error !== undefined) return error;
  if (text === undefined) return `${path} is not there`;
  return `${path} names no server${nameservers(text).length > 0 ? ' but this stack itself' : ''}`;
}

function nameservers(text: string): string[] {
  const named = [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map((match) => match[1] ?? '');
  return named.filter((server) => isIpv4(server) || isIpv6(server.replace(/%.*$/, '')));
}
