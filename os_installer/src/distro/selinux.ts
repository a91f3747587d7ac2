/** What a system's SELinux needs of its files. Paths are those of the system, without their first slash. */
export interface SelinuxPolicy {
  /** Which label each path has. */
  fileContexts: string;
}

export const selinuxConfig = 'etc/selinux/config';

/** Asks a system to label its files at the next boot (selinux(8); Fedora's selinux-autorelabel-generator). */
export const autorelabel = '.autorelabel';

/** Programs that label files; the first one is in the Fedora family's, the second in Debian's without merged /usr. */
export const setfilesPaths = ['usr/sbin/setfiles', 'sbin/setfiles'];

/** Which policy a system loads.
 * @param config text of /etc/selinux/config (selinux(8))
 * @returns undefined when it loads none */
export function selinuxPolicy(config: string, kernelArgs: readonly string[]): SelinuxPolicy | undefined {
  const valueOf = (key: string): string | undefined => new RegExp(`^\\s*${key}=\\s*(\\w+)`, 'm').exec(config)?.[1];
  const mode = valueOf('SELINUX')?.toLowerCase();
  if ((mode !== 'enforcing' && mode !== 'permissive') || kernelArgs.includes('selinux=0')) return undefined;
  return { fileContexts: `etc/selinux/${valueOf('SELINUXTYPE') ?? 'targeted'}/contexts/files/file_contexts` };
}

type Mode = 'enforcing' | 'permissive';

/** Which mode a kernel line asks for: undefined when it leaves that to /etc/selinux/config. */
export function askedMode(kernelArgs: readonly string[]): Mode | undefined {
  const last = kernelArgs.findLast((word) => /^enforcing=[01]$/.test(word));
  if (last === undefined) return undefined;
  return last === 'enforcing=1' ? 'enforcing' : 'permissive';
}

/** /etc/selinux/config with a mode. The kernel line alone cannot turn SELinux on where the file has "disabled" (selinux(8)). */
export function withMode(config: string, mode: Mode): string {
  const line = `SELINUX=${mode}`;
  const own = /^[ \t]*SELINUX=.*$/m;
  return own.test(config) ? config.replace(own, line) : `${config.replace(/[^\n]$/, '$&\n')}${line}\n`;
}
