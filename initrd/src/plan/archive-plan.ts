import type { ArchiveEntry } from './archive-entry.ts';

/** An entry with the place it was claimed from, such as "manifest.txt" or "library of usr/bin/tar". */
export interface Claim {
  entry: ArchiveEntry;
  source: string;
}

/** The archive's last entry. A full ramfs cuts the archive short, so /init looks for it.
 * Its name is known to initrd/init as well. */
export const markerPath = '.complete';

/** The archive in writing order: parents before children, names sorted, the marker last.
 * Directories nobody claimed are added with mode 0755.
 * @returns entries, or one sentence per clash */
export function planArchive(claims: readonly Claim[]): { entries: ArchiveEntry[]; problems: string[] } {
  const { taken, problems } = takeClaims(claims);
  for (const path of [...taken.keys()]) {
    for (const parent of parentsOf(path)) {
      const claim = taken.get(parent);
      if (claim === undefined) {
        taken.set(parent, { entry: { kind: 'dir', path: parent, mode: 0o755 }, source: `parent of ${path}` });
      } else if (claim.entry.kind !== 'dir') {
        problems.push(`path "${path}" lies below "${parent}", which is a ${claim.entry.kind} (${claim.source})`);
      }
    }
  }
  const entries = [...taken.values()].map(({ entry }) => entry).sort((a, b) => compareBytes(a.path, b.path));
  const marker: ArchiveEntry = { kind: 'file', path: markerPath, mode: 0o444, content: Buffer.from('complete\n') };
  return { entries: [...entries, marker], problems };
}

function takeClaims(claims: readonly Claim[]): { taken: Map<string, Claim>; problems: string[] } {
  const taken = new Map<string, Claim>();
  const problems: string[] = [];
  for (const claim of claims) {
    const { path } = claim.entry;
    const first = taken.get(path);
    if (path === markerPath) problems.push(`path "${path}" (${claim.source}) is reserved for the archive's end marker`);
    else if (first === undefined) taken.set(path, claim);
    else problems.push(`path "${path}" is claimed twice: by ${first.source} and by ${claim.source}`);
  }
  return { taken, problems };
}

function parentsOf(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** Order by code unit, the same under every locale; "usr" comes before "usr/bin". */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
