import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { withCleanup } from '../../../import/cleanup.ts';
import { importImage } from '../../../import/import-image.ts';
import { describeError, HostError, InputError } from '../../../kit/errors.ts';
import { makeDisk, partitionTypes, temporaryDirectory } from './support/disk-image.ts';
import { importFile, moduleList, requirements } from './support/imported.ts';
import { write, writeRoot } from './support/small-root.ts';

const timeoutMs = 60_000;

test('nothing is left in a directory of images that is reached through a link', requirements, async (context) => {
  const raw = await makeDisk(context, {
    sizeMiB: 60,
    partitions: [
      {
        number: 1,
        startMiB: 1,
        sizeMiB: 40,
        type: partitionTypes.linux,
        async fill({ format, mounted }) {
          await format('mkfs.ext4', '-q');
          await mounted((root) => writeRoot(root));
        },
      },
    ],
  });
  const directory = await temporaryDirectory(context);
  const [real, images] = [join(directory, 'data/images'), join(directory, 'images')];
  await mkdir(real, { recursive: true });
  await symlink('data/images', images);

  const imported = await importFile(context, raw, { images }).finally(() => unmountBelow(directory));

  assert.equal(imported.directory, join(images, 'ubuntu-24.04/x86_64'));
  assert.deepEqual(await readdir(real), ['ubuntu-24.04']);
  assert.doesNotMatch((await run('losetup', ['--list'], { timeoutMs })).stdout, new RegExp(raw));
});

/** What a defect would leave. */
async function unmountBelow(directory: string): Promise<void> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  const points = text.split('\n').map((line) => line.split(' ')[4] ?? '');
  for (const point of points.reverse()) {
    if (point.startsWith(`${directory}/`)) await run('umount', [point], { timeoutMs });
  }
}

/** Imports an archive; while it is packed, somebody mounts a file system in the import's own directory. */
async function importWithMount(
  context: TestContext,
  { meanwhile, signal }: { meanwhile: () => void; signal: AbortSignal },
): Promise<{ outcome: string; kept: string[]; images: string }> {
  const directory = await temporaryDirectory(context);
  const images = join(directory, 'images');
  const archive = join(directory, 'root.tar');
  await writeRoot(join(directory, 'root'));
  await run('tar', ['-C', join(directory, 'root'), '-cf', archive, '.'], { timeoutMs });
  let mounted = '';
  const mountThere = async (): Promise<void> => {
    const [work = ''] = (await readdir(images)).filter((name) => name.startsWith('.import-'));
    mounted = join(images, work, 'found/extra');
    await mkdir(mounted);
    await run('mount', ['-t', 'tmpfs', 'tmpfs', mounted], { timeoutMs });
    await write(join(mounted, 'precious'), '');
  };
  try {
    const outcome = await importImage(archive, {
      images,
      moduleList,
      signal,
      progress: {
        say: () => undefined,
        async follow(what, _total, work) {
          if (what.startsWith('pack')) await mountThere();
          if (what.startsWith('pack')) meanwhile();
          return work(() => undefined);
        },
      },
    }).then(String, (error: unknown) => `${error instanceof Error ? error.name : ''}: ${describeError(error)}`);
    return { outcome, kept: await readdir(mounted), images };
  } finally {
    await unmountBelow(directory);
  }
}

test('nothing is removed below a mount that is still there', requirements, async (context) => {
  const { signal } = new AbortController();

  const { outcome, kept, images } = await importWithMount(context, { meanwhile: () => undefined, signal });

  assert.deepEqual(kept, ['precious']);
  assert.match(outcome, /^HostError: "[^"]*\/ubuntu-24\.04\/x86_64" is finished, but not all .* could be taken back: /);
  assert.match(outcome, /remove ".*\/images\/\.import-.*": ".*\/found\/extra" is still mounted/);
  assert.ok((await readdir(images)).includes('ubuntu-24.04'));
});

test(
  'an interrupted import that cannot be taken back does not say that nothing is left',
  requirements,
  async (context) => {
    const interrupt = new AbortController();

    const { outcome, kept } = await importWithMount(context, {
      meanwhile: () => interrupt.abort(),
      signal: interrupt.signal,
    });

    assert.deepEqual(kept, ['precious']);
    assert.match(
      outcome,
      /^ImportInterrupted: the import of ".*" was interrupted; not all .* could be taken back: .* is still mounted/,
    );
    assert.doesNotMatch(outcome, /nothing of it is left/);
  },
);

test('a failure of taking back is told next to the first error, whose kind stays', requirements, async (context) => {
  for (const [error, name] of [
    [new InputError('the input', { cause: new Error('is bad') }), 'InputError'],
    [new HostError('the disk'), 'HostError'],
    [new TypeError('a defect'), 'HostError'],
  ] as const) {
    const { outcome } = await importWithMount(context, {
      meanwhile: () => {
        throw error;
      },
      signal: new AbortController().signal,
    });

    assert.ok(outcome.startsWith(`${name}: ${describeError(error)}; not all `), outcome);
    assert.match(outcome, /could be taken back: .* is still mounted/);
  }
});

test('every undo is tried, the last one first, and each failure is kept', async () => {
  const done: string[] = [];
  const { result, failures } = await withCleanup((cleanup) => {
    cleanup.defer(() => Promise.resolve(void done.push('first')));
    cleanup.defer(() => Promise.reject(new Error('second')));
    cleanup.defer(() => Promise.reject(new Error('third')));
    return Promise.resolve('made');
  });

  assert.deepEqual(result, { status: 'fulfilled', value: 'made' });
  assert.deepEqual(failures.map(describeError), ['third', 'second']);
  assert.deepEqual(done, ['first']);
});
