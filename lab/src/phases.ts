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
