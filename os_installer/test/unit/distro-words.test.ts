import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const sources = join(import.meta.dirname, '../../src');
/** Programs and paths of distributions: each family has others. */
const words = [
  'update-initramfs',
  'dracut',
  'initrd.img-',
  'initramfs-$',
  'grub-install',
  'grub2-install',
  'boot/grub',
  'loader/entries',
];
/** Formats of initramfs are dracut's too. */
const allowed = /^(distro|initramfs\/parse)\//;

function linesWith(word: string): string[] {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) =>
    readFileSync(join(sources, name), 'utf8')
      .split('\n')
      .flatMap((line, index) => (line.includes(word) ? [`${name}:${index + 1}`] : [])),
  );
}

for (const word of words) {
  test(`"${word}" is only in the room of the distributions' ways`, () => {
    const places = linesWith(word);

    assert.deepEqual(
      places.filter((place) => !allowed.test(place)),
      [],
    );
    assert.notEqual(places.length, 0, 'the word is looked for and never found');
  });
}
