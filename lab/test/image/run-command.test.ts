import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { execa } from 'execa';

import { engineSocket } from '../../src/engine.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack, lab } from './support/stack.ts';

/** `docker run IMAGE COMMAND…`, without any variable and without the host's network. */
function runCommand(command: readonly string[], input = '') {
  const host = ['--host', engineSocket(lab)];
  const args = [...host, 'run', '--rm', '--interactive', '--network', 'none', `${container}:latest`, ...command];
  return execa('docker', args, { input, reject: false, timeout: 60_000 });
}

describe('docker run IMAGE COMMAND', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
  });

  after(async () => {
    await stack.dispose();
  });

  test('runs the command as process 1, with its input and exit status', async () => {
    const { exitCode, stdout } = await runCommand(['sh', '-c', 'echo "$$ $(cat)"; exit 7'], 'given');

    assert.deepEqual({ exitCode, stdout }, { exitCode: 7, stdout: '1 given' });
  });

  test('says in one line that there is no such command, with status 127', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['no-such-program']);

    assert.deepEqual({ exitCode, stdout }, { exitCode: 127, stdout: '' });
    assert.match(stderr, /^entrypoint: .no-such-program.: No such file or directory$/);
  });
});
