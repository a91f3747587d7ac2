/** What a system says of itself in /etc/os-release. */
export interface OsRelease {
  /** Such as `debian`; os-release(5): `linux` when absent. */
  id: string;
  /** The systems that it is made from, the closest first. */
  idLike: string[];
  /** For people; os-release(5): `Linux` when absent. */
  prettyName: string;
  /** Such as `24.04`; empty when absent. */
  versionId: string;
}

/** Reads the text of an os-release file.
 * @see os-release(5) */
export function parseOsRelease(text: string): OsRelease {
  const values = new Map(text.split('\n').flatMap(assignment));
  return {
    id: values.get('ID') ?? 'linux',
    idLike: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((id) => id !== ''),
    prettyName: values.get('PRETTY_NAME') ?? 'Linux',
    versionId: values.get('VERSION_ID') ?? '',
  };
}

/** A name and its value, without quotes; the last of several counts, as in a shell. */
function assignment(line: string): [string, string][] {
  const [, name, value] = /^\s*([A-Z_0-9]+)=(.*?)\s*$/.exec(line) ?? [];
  if (name === undefined || value === undefined) return [];
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(value) ?? [];
  if (quote === undefined || inner === undefined) return [[name, value]];
  return [[name, quote === '"' ? inner.replaceAll(/\\(["$`\\])/g, '$1') : inner]];
}
