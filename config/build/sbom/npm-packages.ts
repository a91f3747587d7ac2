/** One npm package whose code was bundled. */
export interface NpmPackage {
  name: string;
  version: string;
  licence: string | undefined;
  /** Where it is installed, from the project's top. */
  directory: string;
}

interface Lock {
  packages: Record<string, { version?: string; license?: string; link?: boolean } | undefined>;
}

/** The npm packages of one or more bundles, as the lock file pins them; sorted.
 * @param metafiles what esbuild's --metafile wrote @param lock package-lock.json, version 3
 * @throws Error a bundled package is not in the lock file */
export function bundledPackages(metafiles: readonly string[], lock: string): NpmPackage[] {
  const { packages } = JSON.parse(lock) as Lock;
  const keys = new Set(metafiles.flatMap(lockKeys));
  const found = [...keys].flatMap((key) => {
    const entry = packages[key];
    if (entry?.link === true) return [];
    if (entry?.version === undefined)
      throw new Error(`list the bundled packages: "${key}" is not in package-lock.json`);
    return [
      { name: key.replace(/^.*node_modules\//, ''), version: entry.version, licence: entry.license, directory: key },
    ];
  });
  const byNameAndVersion = new Map(found.map((each) => [`${each.name} ${each.version}`, each]));
  return [...byNameAndVersion.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

function lockKeys(metafile: string): string[] {
  const { inputs } = JSON.parse(metafile) as { inputs: Record<string, unknown> };
  return Object.keys(inputs).flatMap((path) => {
    const key = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    return key === undefined ? [] : [key.replace(/^(\.\.\/)+/, '')];
  });
}
