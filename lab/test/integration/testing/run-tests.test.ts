import assert from 'node:assert/strict';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { execa } from 'execa';

const build = join(import.meta.dirname, '../../../testing');
const folders = ['unit', 'integration', 'image', 'e2e'];
const files = ['one', 'two', 'three'].map((name) => `lab/test/matrix/${name}.test.ts`);
const parts = `# a comment
first ${files[0]}
second ${files[1]}
second ${files[2]}
`;

/** Runs run-tests.sh in a checkout of its own, with one test in each file: what it printed, and which files were run. */
async function runTests(
  context: TestContext,
  env: Record<string, string>,
): Promise<{ status: number | undefined; text: string; ran: string[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'run-tests-'));
  context.after(() => rm(directory, { recursive: true }));
  const scripts = { typecheck: 'echo types', lint: 'echo lint' };
  const texts: Record<string, string> = {
    'package.json': JSON.stringify({ type: 'module', scripts }),
    'lab/testing/test-parts.txt': parts,
    'config/build/make-all.sh': '#!/bin/sh\necho both images\n',
    ...Object.fromEntries(
      [...folders.map((folder) => `lab/test/${folder}/its.test.ts`), ...files].map((file) => [
        file,
        `import { test } from 'node:test';\ntest('ran ${file}', () => {});\n`,
      ]),
    ),
  };
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  for (const file of ['run-tests.sh', 'keep-test-events.mjs']) {
    await copyFile(join(build, file), join(directory, 'lab/testing', file));
  }
  await chmod(join(directory, 'config/build/make-all.sh'), 0o755);
  const clean = {
    NODE_TEST_CONTEXT: undefined,
    SUITES: undefined,
    ONLY: undefined,
    EXCEPT: undefined,
    RECORD: undefined,
  };
  const { exitCode, all } = await execa(join(directory, 'lab/testing/run-tests.sh'), [], {
    env: { ...clean, PART: undefined, ...env },
    all: true,
    reject: false,
  });
  return { status: exitCode, text: all, ran: [...all.matchAll(/✔ ran (\S+)/g)].map(([, file = '']) => file) };
}

const names = (text: string): string[] =>
  [...text.slice(text.indexOf('=== summary')).matchAll(/^(\w+) +\d+ s {2}(\S+)$/gm)].map(([, , name = '']) => name);

test('without a part it runs the suites that every change must pass', async (context) => {
  const { status, text, ran } = await runTests(context, {});

  assert.equal(status, 0, text);
  assert.deepEqual(names(text), ['static', 'unit', 'integration', 'image-all', 'image', 'e2e']);
  assert.deepEqual(
    ran,
    folders.map((folder) => `lab/test/${folder}/its.test.ts`),
  );
});

test('a part runs its own files and no other, and the summary has its time', async (context) => {
  const { status, text, ran } = await runTests(context, { PART: 'second' });

  assert.equal(status, 0, text);
  assert.deepEqual(names(text), ['second']);
  assert.deepEqual(ran, [files[2], files[1]]);
});

test('PART=all runs everything, part after part', async (context) => {
  const { status, text, ran } = await runTests(context, { PART: 'all' });

  assert.equal(status, 0, text);
  assert.deepEqual(names(text), ['static', 'unit', 'integration', 'image-all', 'image', 'e2e', 'first', 'second']);
  assert.deepEqual(ran.toSorted(), [...folders.map((folder) => `lab/test/${folder}/its.test.ts`), ...files].toSorted());
});

test('a part is a suite, of which ONLY and EXCEPT choose files', async (context) => {
  const { text, ran } = await runTests(context, { SUITES: 'unit second', ONLY: 'its|matrix', EXCEPT: 'two' });

  assert.deepEqual(names(text), ['unit', 'second']);
  assert.deepEqual(ran, ['lab/test/unit/its.test.ts', files[2]]);
});

test('a name that is none is refused with those that are there, before anything runs', async (context) => {
  const part = await runTests(context, { PART: 'thrid' });
  const suite = await runTests(context, { SUITES: 'unit thrid' });

  assert.deepEqual(part, {
    status: 2,
    text: 'run tests: PART="thrid" is none of: standard first second all',
    ran: [],
  });
  assert.deepEqual(suite, {
    status: 2,
    text: 'run tests: SUITES has "thrid", which is none of: static unit integration image-all image e2e first second',
    ran: [],
  });
});

test('SUITES of blanks alone is refused: it would pass and run nothing', async (context) => {
  assert.deepEqual(await runTests(context, { SUITES: ' ' }), {
    status: 2,
    text: 'run tests: SUITES names none of: static unit integration image-all image e2e first second',
    ran: [],
  });
});
