import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { exists } from '../../host/files.ts';

test('a path is there, is not, or cannot be looked at', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'exists-'));
  try {
    const [file, loop] = [join(directory, 'file'), join(directory, 'loop')];
    await writeFile(file, '');
    await symlink(loop, loop);

    assert.equal(await exists(file), true);
    assert.equal(await exists(join(directory, 'other')), false);
    assert.equal(await exists(join(file, 'below')), false);
    await assert.rejects(exists(loop), { name: 'HostError', message: `look for "${loop}"` });
  } finally {
    await rm(directory, { recursive: true });
  }
});
