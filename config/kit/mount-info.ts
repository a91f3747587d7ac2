/** One mount, as far as it matters here. */
export interface Mount {
  mountPoint: string;
  type: string;
  /** The super block's options, such as `lowerdir=/a:/b`. */
  options: ReadonlyMap<string, string>;
}

/** Reads /proc/self/mountinfo; a line that does not fit is passed over. @see proc(5) */
export function parseMountInfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [mountFields = '', fileSystemFields = ''] = line.split(' - ');
    const mountPoint = mountFields.split(' ')[4];
    const [type, , options = ''] = fileSystemFields.split(' ');
    if (mountPoint === undefined || type === undefined) return [];
    return [{ mountPoint: unescapeOctal(mountPoint), type, options: parseOptions(options) }];
  });
}

/** The mount that a path lies in: of the deepest mount point the one mounted last, which hides the others. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (!contains(mount.mountPoint, path)) continue;
    if (best === undefined || mount.mountPoint.length >= best.mountPoint.length) best = mount;
  }
  return best;
}

/** The directories that an overlay is made of. */
export function overlayLayers({ options }: Mount): string[] {
  const lower = options.get('lowerdir')?.split(':') ?? [];
  const upper = options.get('upperdir');
  return [...lower, ...(upper === undefined ? [] : [upper])].filter((path) => path !== '');
}

function contains(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

function parseOptions(text: string): Map<string, string> {
  return new Map(
    text.split(',').map((option) => {
      const [name = '', ...value] = option.split('=');
      return [name, unescapeOctal(value.join('='))];
    }),
  );
}

/** A field of /proc/self/mountinfo or /proc/self/mounts as it was meant: the kernel writes space, tab, newline and backslash as
 * `\040` and so on.
 * @see proc_pid_mounts(5) */
export function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
