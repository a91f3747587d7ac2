/** What a line of the container's log says about a VM that boots. The first match of each counts. */
const phases: readonly { title: string; pattern: RegExp }[] = [
  { title: 'firmware asked for an address', pattern: /DHCPACK\(/ },
  { title: 'firmware loaded iPXE', pattern: /sent \S*ipxe-\S+\.efi|nginx GET "\/boot\/ipxe-\S+\.efi/ },
  { title: 'iPXE asked for its script', pattern: /nginx GET "\/ipxe\?mac=/ },
  { title: 'iPXE loads the kernel', pattern: /nginx GET "\/images\/\S*vmlinuz/ },
  { title: 'installer started', pattern: /nginx GET "\/config\// },
];
const step = / status .*\bstep=(\S+) state=(finished|failed)\b(?:.*?\btook=(\d+))?/;

/** The phase that a line begins or ends; undefined for any other line. */
export function phaseOf(line: string): string | undefined {
  const done = step.exec(line);
  if (done !== null) {
    const [, name = '', state = '', ms] = done;
    return `${name} ${state}${ms === undefined ? '' : ` (${(Number(ms) / 1000).toFixed(1)} s)`}`;
  }
  return phases.find(({ pattern }) => pattern.test(line))?.title;
}

/** Seconds from the start of QEMU until each phase, of the shell prototype at its best (docs/install-phases.md). */
const prototypeSeconds: readonly { phase: string; until: string; seconds: number }[] = [
  { phase: 'firmware loaded iPXE', until: 'firmware has an address and iPXE', seconds: 8.2 },
  { phase: 'iPXE asked for its script', until: 'iPXE runs its script', seconds: 8.5 },
  { phase: 'iPXE loads the kernel', until: 'iPXE loads kernel and initrds', seconds: 9.2 },
  { phase: 'installer started', until: 'installer started', seconds: 17 },
  { phase: 'mount-root finished', until: 'disk partitioned, formatted, mounted', seconds: 18.4 },
  { phase: 'unpack finished', until: 'root file system unpacked', seconds: 43.1 },
  { phase: 'install finished', until: 'boot loader installed, everything unmounted', seconds: 66 },
];

/** Lines of a table: when an installation was through with each phase, beside the prototype.
 * @param seconds from the start of QEMU, by the phase as phaseOf tells it */
export function comparePhases(seconds: ReadonlyMap<string, number>): string[] {
  const row = (until: string, here: string, prototype: string): string =>
    `${until.padEnd(45)}${here.padStart(8)}${prototype.padStart(11)}`;
  return [
    row('seconds until', 'here', 'prototype'),
    ...prototypeSeconds.map(({ phase, until, seconds: prototype }) => {
      const told = [...seconds].find(([title]) => title === phase || title.startsWith(`${phase} (`));
      return row(until, told?.[1].toFixed(1) ?? 'not seen', prototype.toFixed(1));
    }),
  ];
}
