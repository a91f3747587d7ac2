import { run } from '@pxeboot/config/host/run';

/** What is said of each path of a tree, by path. */
export type Manifest = ReadonlyMap<string, string>;

const timeoutMs = 300_000;

/** Everything that an installation must get right about each path: type, mode, owner, number of hard links, device number, link
 * target, the SHA-256 of a file and extended attributes (file capabilities and ACLs among them). Times are left out. */
export async function readManifest(directory: string): Promise<Manifest> {
  const facts = [
    ...(await readEntries(directory)),
    ...(await readSums(directory)),
    ...(await readAttributes(directory)),
  ];
  const manifest = new Map<string, string>();
  for (const [path, fact] of facts) manifest.set(path, [manifest.get(path) ?? [], fact].flat().join(' '));
  return manifest;
}

/** A path and something that is true of it. */
type Fact = [path: string, fact: string];

async function readEntries(directory: string): Promise<Fact[]> {
  const format = '%n\\0%A %u:%g links=%h device=%t:%T %N\\0';
  const args = ['.', '-xdev', '-exec', 'stat', `--printf=${format}`, '{}', '+'];
  const output = await outputOf(directory, 'find', args);
  return [...output.matchAll(/([^\0]+)\0([^\0]+)\0/g)].map(([, path = '', fact = '']) => [path, fact]);
}

async function readSums(directory: string): Promise<Fact[]> {
  const args = ['.', '-xdev', '-type', 'f', '-exec', 'sha256sum', '--zero', '{}', '+'];
  const output = await outputOf(directory, 'find', args);
  return [...output.matchAll(/([\da-f]{64}) [ *]([^\0]+)\0/g)].map(([, sum = '', path = '']) => [
    path,
    `sha256=${sum}`,
  ]);
}

/** getfattr(1) prints a block for each path that has attributes. */
async function readAttributes(directory: string): Promise<Fact[]> {
  const args = ['--recursive', '--physical', '--no-dereference', '--match=-', '--dump', '--encoding=hex', '.'];
  const output = await outputOf(directory, 'getfattr', args);
  return [...output.matchAll(/^# file: (.+)\n((?:.+\n?)+)/gm)].map(([, path = '', attributes = '']) => [
    path === '.' ? path : `./${path}`,
    attributes.trim().split('\n').sort().join(' '),
  ]);
}

async function outputOf(cwd: string, file: string, args: readonly string[]): Promise<string> {
  return (await run(file, args, { timeoutMs, cwd, env: { LC_ALL: 'C' } })).stdout;
}

/** Paths that only one of two trees has, or that are not the same in both, sorted. */
export function differingPaths(one: Manifest, other: Manifest): string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => one.get(path) !== other.get(path)).sort();
}
