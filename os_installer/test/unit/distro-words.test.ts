import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const sources = join(import.meta.dirname, '../../src');
/** Debian's programs and paths; other families have others. */
const words = ['update-initramfs', 'initrd.img-', 'grub-install', 'boot/grub'];

function linesWith(word: string): string[] {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.flatMap((name) =>
    readFileSync(join(sources, name), 'utf8')
      .split('\n')
      .flatMap((line, index) => (line.includes(word) ? [`${name}:${index + 1}`] : [])),
  );
}

for (const word of words) {
  test(`"${word}" is only in the file of Debian's ways`, () => {
    const places = linesWith(word);

    assert.deepEqual(
      places.filter((place) => !place.startsWith('distro/debian.ts:')),
      [],
    );
    assert.notEqual(places.length, 0, 'the word is looked for and never found');
  });
}
