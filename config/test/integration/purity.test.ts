import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { ESLint } from 'eslint';

const root = join(import.meta.dirname, '../../..');
const eslint = new ESLint({ cwd: root });

/** The messages of a text's restrictions, as if it were in that file of the project. */
async function restrictions(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: join(root, file) });
  const messages = result?.messages ?? [];
  assert.deepEqual(
    messages.filter(({ fatal }) => fatal),
    [],
    file,
  );
  return messages.filter(({ ruleId }) => ruleId?.startsWith('no-restricted-')).map(({ message }) => message);
}

const acts: readonly [string, string, string][] = [
  ['a file next to the folder', 'os_installer/src/plan/decide.ts', `import { runCommand } from '../run-command.ts';`],
  ['a file of another room', 'config/kit/size.ts', `import { run } from '../host/run.ts';`],
  ['a folder below that is not pure', 'config/definitions/resolve.ts', `import { scan } from './read/scan.ts';`],
  ['a path that leaves a pure folder', 'config/kit/size.ts', `import { run } from '../kit/../host/run.ts';`],
  [
    'a file that is read again',
    'vm_watcher/src/decide/stale-leases.ts',
    `export { follow } from '../watch/follower.ts';`,
  ],
  ['everything of a file', 'vm_watcher/src/decide/stale-leases.ts', `export * from '../watch/follower.ts';`],
  ['for what it does only', 'lab/src/decide/settings.ts', `import '../main.ts';`],
  ['when it runs', 'lab/src/decide/settings.ts', `export const later = () => import('../main.ts');`],
  ['a value among types', 'config/kit/size.ts', `import { type RunResult, run } from '../host/run.ts';`],
  [
    'a room of another package',
    'boot_handler/src/render/ipxe-text.ts',
    `import { run } from '@pxeboot/config/host/run';`,
  ],
  ['files', 'config/contract/paths.ts', `import { readFileSync } from 'node:fs';`],
  ['files, by the short name', 'config/contract/paths.ts', `import { readFileSync } from 'fs';`],
  ['a way out of the process', 'config/kit/ip.ts', `import { connect } from 'node:net';`],
  ['chance', 'config/definitions/content-memory.ts', `import { randomBytes } from 'node:crypto';`],
  ['a package', 'config/lint/rules/index.ts', `import { execa } from 'execa';`],
];

for (const [what, file, text] of acts) {
  test(`a pure file may not import ${what}: ${text}`, async () => {
    const messages = await restrictions(file, text);

    assert.equal(messages.length, 1, messages.join('\n'));
    assert.match(messages[0]!, /pure \(eslint\.config\.js\)/);
  });
}

for (const text of [
  'process.exit();',
  'globalThis.process.exit();',
  'Date.now();',
  'new Date();',
  'Date();',
  'Math.random();',
  'crypto.randomUUID();',
  'AbortSignal.timeout(1);',
  `fetch('http://here');`,
  `import { resolve } from 'node:path'; resolve('here');`,
]) {
  test(`a pure file has no process, clock, chance or network: ${text}`, async () => {
    assert.equal((await restrictions('initrd/src/plan/cpio.ts', text)).length, 1);
  });
}

test('a pure file may import types from anywhere, and values from pure rooms, data and a few packages', async () => {
  const text = `
    import { hash } from 'node:crypto';
    import { join } from 'node:path';
    import Handlebars from 'handlebars';
    import { InputError } from '@pxeboot/config/kit/errors';
    import type { RunResult } from '@pxeboot/config/host/run';
    import type { Dirent } from 'node:fs';
    import type { Context } from '../context.ts';
    import { chooseDistro } from '../distro/detect.ts';
    import { formatMarker } from './marker.ts';
    import schema from '../../contract/schemas/environment.schema.json' with { type: 'json' };
    export const day = new Date('2026-01-01');`;

  assert.deepEqual(await restrictions('os_installer/src/plan/decide.ts', text), []);
  assert.deepEqual(await restrictions('config/kit/ip.ts', `import { BlockList, isIPv4 } from 'node:net';`), []);
});

test('a file that acts may import what acts', async () => {
  assert.deepEqual(await restrictions('config/host/files.ts', `import { open } from 'node:fs/promises';`), []);
  assert.deepEqual(
    await restrictions('config/definitions/read/scan.ts', `import { open } from 'node:fs/promises';`),
    [],
  );
});

const pureFolders = [
  'boot_handler/src/render',
  'boot_handler/src/status',
  'config/container/decide',
  'config/contract',
  'config/definitions',
  'config/kit',
  'config/lint/rules',
  'initrd/src/plan',
  'lab/src/decide',
  'lab/testing/report/decide',
  'os_installer/src/distro',
  'os_installer/src/initramfs/parse',
  'os_installer/src/plan',
  'os_installer/src/probe/parse',
  'vm_watcher/src/decide',
];

test('the rule is one of folders: a file that is new in a pure one has it, and so has one in a folder below', async () => {
  for (const file of pureFolders.flatMap((folder) => [`${folder}/new.ts`, `${folder}/below/new.ts`])) {
    const { rules } = (await eslint.calculateConfigForFile(join(root, file))) as { rules: object };
    for (const rule of ['imports', 'globals', 'properties']) assert.ok(`no-restricted-${rule}` in rules, file);
  }
});

test('a step of an installation reaches programs and the network through its context alone', async () => {
  const steps = globSync('os_installer/src/steps/*.ts', { cwd: root });
  const direct = [
    `import { run } from '@pxeboot/config/host/run';`,
    `import { runCommand } from '../run-command.ts';`,
    `import { readLogged } from '../fetch/logged.ts';`,
    `import { request } from 'undici';`,
    `import { spawn } from 'node:child_process';`,
    `import { connect } from 'node:net';`,
    `import { bringUpNetwork } from '../network/bring-up.ts';`,
  ];
  const throughContext = `import type { Context } from '../context.ts'; import type { RunResult } from '@pxeboot/config/host/run';`;

  assert.ok(steps.length > 10);
  for (const text of direct) assert.match((await restrictions(steps[0]!, text)).join(), /of the context/, text);
  assert.deepEqual(await restrictions(steps[0]!, throughContext), []);
});
