import assert from 'node:assert/strict';
import { chmod, mkdtempDisposable, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { directoryFacts } from '../image/support/directory-facts.ts';

describe('what is compared of a directory that must stay as it is', () => {
  const changes: [string, string[], (directory: string, file: string) => Promise<void>][] = [
    [
      'is the same after reading',
      [],
      async (_, file) => {
        await readFile(file);
      },
    ],
    [
      'tells other bytes of the same length and time',
      ['web1.json'],
      async (_, file) => {
        const { atime } = await stat(file);
        await writeFile(file, '{"b":1}');
        await utimes(file, atime, 1_000);
      },
    ],
    ['tells another mode', ['web1.json'], (_, file) => chmod(file, 0o600)],
    ['tells another time', ['web1.json'], (_, file) => utimes(file, 0, 0)],
    [
      'tells a file in the place of an equal one',
      ['.', 'web1.json'],
      async (_, file) => {
        await writeFile(`${file}.new`, '{"a":1}');
        await utimes(`${file}.new`, 0, 1_000);
        await rename(`${file}.new`, file);
      },
    ],
    ['tells another file', ['.', 'other'], (directory) => writeFile(join(directory, 'other'), '')],
    [
      'tells a file that was made and removed',
      ['.'],
      async (directory) => {
        await writeFile(join(directory, 'lock'), '');
        await rm(join(directory, 'lock'));
      },
    ],
    ['tells a file that is gone', ['.', 'web1.json'], (_, file) => rm(file)],
  ];
  for (const [title, changed, change] of changes) {
    test(title, async () => {
      await using directory = await mkdtempDisposable(join(tmpdir(), 'facts-'));
      const file = join(directory.path, 'web1.json');
      await writeFile(file, '{"a":1}', { mode: 0o644 });
      await utimes(file, 0, 1_000);
      const before = await directoryFacts(directory.path);
      // File times may be as coarse as a clock tick of the kernel.
      await new Promise((resolve) => setTimeout(resolve, 20));

      await change(directory.path, file);

      const after = await directoryFacts(directory.path);
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
      assert.deepEqual(
        names.filter((name) => before[name] !== after[name]),
        changed,
      );
    });
  }
});
