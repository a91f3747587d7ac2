import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const repository = join(import.meta.dirname, '../../..');
const rows = readFileSync(join(repository, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.endsWith('| test |'));

test('every promise on security has a test that is there, or says that there is none', () => {
  assert.ok(rows.length > 15);
  for (const row of rows) {
    const [, , , proof = '', ...more] = row.split('|');
    const links = [...proof.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);

    assert.deepEqual(more, [''], row);
    assert.ok(links.length > 0 || proof.trim() === 'not tested', row);
    for (const link of links) assert.ok(/\.test\.ts$/.test(link) && existsSync(join(repository, link)), link);
  }
});
