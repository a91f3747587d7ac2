import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';

/** How much has happened: lines of a VM's console and of the container's log that differ in more than their numbers, since a screen
 * that waits prints the same ones again and again. Of an installer's status events each counts: one that unpacks reports bytes. */
export function countNews(console: string, containerLog: string): number {
  const lines = [...console.split('\n'), ...containerLog.split('\n')];
  return new Set(lines.map((line) => (/ status .*\bstep=/.test(line) ? line : line.replaceAll(/\d+/g, '0')))).size;
}

/** The lines of the container's log that name one VM: another one that installs is no sign of life of this one. */
export function linesAbout({ name, mac, ip }: Pick<VmDefinition, 'name' | 'mac' | 'ip'>, containerLog: string): string {
  const words = new Set([mac, `mac=${mac}`, `vm=${name}`, ...(ip === undefined ? [] : [ip, `client=${ip}`])]);
  const lines = containerLog.split('\n').filter((line) => line.split(' ').some((word) => words.has(word)));
  return lines.join('\n');
}

/** True when a kernel has panicked of an int3 that nobody handles. Kernels replace their own code by way of int3, and QEMU's emulator
 * may keep a translation of the moment between: it reads code while another processor writes it. Seen with QEMU 7.2 and Linux 6.12,
 * once in some 50 boots with two processors; a real processor, and so KVM, cannot.
 * @param console what was printed since the machine was started */
export function hasEmulatorFault(console: string): boolean {
  return /\bint3: 0000 \[#\d+\]/.test(console) && console.includes('Kernel panic - not syncing: ');
}

/** Why a VM does not go on by itself: its kernel has panicked, or it is in the installer's shell. Undefined when it does.
 * @param console all that it has printed; what it printed before its firmware last started something is over */
export function standstill(console: string): string | undefined {
  const boot = console.slice(Math.max(0, console.lastIndexOf('BdsDxe: ')));
  const panic = /Kernel panic - not syncing: .*/.exec(boot);
  if (panic !== null && !hasEmulatorFault(boot)) return panic[0];
  const shell = boot.indexOf('init: shell on the console');
  if (shell === -1) return undefined;
  const before = boot.slice(0, shell);
  const reason = [...before.matchAll(/INSTALLATION FAILED: .*/g)].at(-1)?.[0] ?? lastLine(before);
  return `it is in the installer's shell: ${reason}`;
}

const shownCharacters = 100;

/** The end of the last line with anything in it. A boot loader's menu is drawn on one line, again and again. */
export function lastLine(console: string): string {
  const text = console.trimEnd();
  const line = text.slice(text.lastIndexOf('\n') + 1).replaceAll(/ +/g, ' ');
  return line.length > shownCharacters ? `…${line.slice(-shownCharacters)}` : line;
}
