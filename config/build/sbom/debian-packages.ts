/** One installed or unpacked Debian package. */
export interface DebianPackage {
  name: string;
  version: string;
  architecture: string;
  /** Of what has not come from Debian's archive. */
  downloadedFrom?: string;
}

/** Reads dpkg's status file, or what `dpkg-deb --field` prints: paragraphs of fields (deb-control(5)); one of our own,
 * Downloaded-From, in what fetch-ipxe.sh writes.
 * Packages that are removed but not purged are left out. */
export function parseDebianPackages(text: string): DebianPackage[] {
  return text.split(/\n{2,}/).flatMap((paragraph) => {
    const name = field(paragraph, 'Package');
    const version = field(paragraph, 'Version');
    const architecture = field(paragraph, 'Architecture');
    if (name === undefined || version === undefined || architecture === undefined) return [];
    const status = field(paragraph, 'Status');
    if (status !== undefined && !status.endsWith(' installed')) return [];
    const downloadedFrom = field(paragraph, 'Downloaded-From');
    return [{ name, version, architecture, ...(downloadedFrom !== undefined && { downloadedFrom }) }];
  });
}

function field(paragraph: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(paragraph)?.[1];
}

/** Short names of the licences in a copyright file, sorted; none when it is not machine-readable.
 * @see https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ */
export function licencesOf(copyright: string): string[] {
  if (!/^Format:/m.test(copyright)) return [];
  const names = [...copyright.matchAll(/^License: *(\S.*)$/gm)].map(([, name = '']) => name.trim());
  return [...new Set(names)].sort();
}
