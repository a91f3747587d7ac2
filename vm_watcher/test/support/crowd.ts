import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hostileFile } from '@pxeboot/config/test/support/hostile';
import { seededChance } from '@pxeboot/config/test/support/seeded';

/** One file in five is hostile, the others are honest. */
const hostileEvery = 5;
const filesAtOnce = 64;
/** ext4 and tmpfs take 255 bytes; a character has four at most. */
const longestName = 60;

/** Texts by file. */
export type Crowd = ReadonlyMap<string, string>;

/** Definitions of which each honest one has a MAC and addresses of its own. */
export function makeCrowd(count: number): Crowd {
  const chance = seededChance(count);
  const files = new Map<string, string>();
  for (let n = 0; files.size < count; n++) {
    const vm = honestVm(n);
    if (n % hostileEvery > 0) {
      files.set(`${vm.name}.json`, JSON.stringify({ ...vm, role: 'target', arch: 'x86_64', distro: 'debian-12' }));
      continue;
    }
    const { name, mac, ip, ipv6 } = vm;
    const { file, text } = hostileFile(chance, { name: [name], mac: [mac], ip: [ip, ''], ipv6: [ipv6, ''] });
    const base = Array.from(file.replace(/\.json$/, '')).slice(0, longestName);
    files.set(`${base.join('')}.json`, text);
  }
  return files;
}

/** The VM of the honest file `vm<n>.json`. */
export function honestVm(n: number): { name: string; mac: string; ip: string; ipv6: string } {
  const byte = (shift: number) => (n >> shift) & 255;
  const hex = (shift: number) => byte(shift).toString(16).padStart(2, '0');
  const ip = `10.${byte(16)}.${byte(8)}.${byte(0)}`;
  return {
    name: `vm${n}`,
    mac: `52:54:00:${hex(16)}:${hex(8)}:${hex(0)}`,
    ip,
    ipv6: `fd00:1:${hex(16)}::${hex(8)}${hex(0)}`,
  };
}

/** Saves all of them at one stroke: the finished directory takes the place of the empty one. */
export async function saveCrowd(vmsDir: string, crowd: Crowd): Promise<void> {
  const beside = `${vmsDir}.beside`;
  await mkdir(beside);
  const files = crowd.entries();
  async function work(): Promise<void> {
    for (const [file, text] of files) await writeFile(join(beside, file), text);
  }
  await Promise.all(Array.from({ length: filesAtOnce }, work));
  await rename(beside, vmsDir);
}

/** True when the file is one that nobody has tampered with. */
export function isHonest(file: string): boolean {
  const n = /^vm(\d+)\.json$/.exec(file)?.[1];
  return n !== undefined && Number(n) % hostileEvery > 0;
}
