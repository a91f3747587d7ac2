import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { execa } from 'execa';

import { run } from '../../../host/run.ts';
import { makeDisk, partitionTypes, temporaryDirectory } from './support/disk-image.ts';
import { requirements } from './support/imported.ts';
import { writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;
const lab = join(import.meta.dirname, '../../../../lab/src/main.ts');

/** A disk that takes a while: what is random does not pack. */
async function largeDisk(context: TestContext): Promise<string> {
  const raw = await makeDisk(context, {
    sizeMiB: 500,
    partitions: [
      {
        number: 1,
        startMiB: 1,
        sizeMiB: 490,
        type: partitionTypes.linux,
        async fill({ format, mounted }) {
          await format('mkfs.ext4', '-q');
          await mounted(async (root) => {
            await writeRoot(root);
            const noise = randomBytes(64 * 2 ** 20);
            for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await writeFile(join(root, name), noise);
          });
        },
      },
    ],
  });
  const file = `${raw}.qcow2`;
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, file], { timeoutMs });
  return file;
}

/** What tells that an import is that far. */
const phases: readonly [string, NodeJS.Signals, RegExp][] = [
  ['converts', 'SIGINT', /^disk\.raw$/m],
  ['packs', 'SIGTERM', /^image\/rootfs\.tar\.zst$/m],
];

test('what is interrupted leaves no mount, no loop device and no file', requirements, async (context) => {
  const file = await largeDisk(context);
  for (const [phase, signal, sign] of phases) {
    const images = join(await temporaryDirectory(context), 'images');
    const importing = execa(process.execPath, [lab, 'image', 'import', file, '--images', images], { reject: false });
    const ended = importing.then(() => 'ended');
    let seen = '';
    while (!sign.test(seen) && seen !== 'ended') seen = await Promise.race([ended, filesBelow(images)]);
    importing.kill(signal);
    const { exitCode, stderr } = await importing;

    assert.equal(exitCode, 130, `${phase}: ${stderr}`);
    assert.match(stderr, /lab: the import of ".*\.qcow2" was interrupted; nothing of it is left$/);
    assert.deepEqual(await readdir(images), [], phase);
    assert.doesNotMatch(await readFile('/proc/self/mountinfo', 'utf8'), new RegExp(images));
    assert.doesNotMatch((await run('losetup', ['--list'], { timeoutMs })).stdout, new RegExp(images));
  }
});

/** Paths without the directory of the running import; mount points are not entered. */
async function filesBelow(images: string): Promise<string> {
  const find = await run('find', [images, '-mindepth', '2', '-maxdepth', '3', '-printf', '%P\n'], { timeoutMs }).catch(
    () => ({ stdout: '' }),
  );
  return find.stdout.replaceAll(/^[^/]*\//gm, '');
}
