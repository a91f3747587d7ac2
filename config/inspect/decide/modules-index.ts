import type { ModulesFacts } from '../../contract/image-facts.ts';

const mostReleases = 1000;

/** Counts the modules of each kernel release in an archive for the kernel; a release may have a directory without any.
 * @returns `entry` takes each name with its bytes of content, `releases` is complete when all have been taken */
export function createModulesIndex(): { entry(name: string, bytes: number): void; releases(): ModulesFacts[] } {
  const releases = new Map<string, ModulesFacts>();
  return {
    entry(name, bytes) {
      const [, release, file = ''] = /^(?:\.?\/)?(?:usr\/)?lib\/modules\/([^/]+)(?:\/(.*))?$/.exec(name) ?? [];
      if (release === undefined || releases.size >= mostReleases) return;
      const known = releases.get(release) ?? { release, modules: 0, index: false };
      releases.set(release, known);
      if (/\.ko(?:\.gz|\.xz|\.zst)?$/.test(file)) known.modules += 1;
      if (/^modules\.dep(?:\.bin)?$/.test(file) && bytes > 0) known.index = true;
    },
    releases: () => [...releases.values()],
  };
}
