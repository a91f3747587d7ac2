/** A resolv.conf(5) file and its text, undefined when there is none. */
export interface ResolvFile {
  path: string;
  text: string | undefined;
}

/** systemd-resolved's list of real servers, then the usual list (which may name only its stub, 127.0.0.53). */
export const resolvFiles = ['/run/systemd/resolve/resolv.conf', '/etc/resolv.conf'] as const;

/** The first file that names a server other than this stack itself; forwarding to ourselves would go round in a loop. */
export function chooseResolvFile(files: readonly ResolvFile[], ownAddress: string): string | undefined {
  return files.find(({ text }) => nameservers(text ?? '').some((server) => server !== ownAddress))?.path;
}

function nameservers(text: string): string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map((match) => match[1] ?? '');
}
