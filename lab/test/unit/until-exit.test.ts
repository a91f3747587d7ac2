import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import { untilExit } from '../../src/until-exit.ts';

test('a program that is aborted is waited for until it has ended', async () => {
  const stop = new AbortController();
  const script =
    'process.on("SIGTERM", () => setTimeout(() => process.exit(7), 200)); setInterval(() => {}, 1000); console.log()';
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: stop.signal,
    killSignal: 'SIGTERM',
  });
  const ended = untilExit(child);
  await once(child.stdout, 'data');

  stop.abort();

  assert.equal(await ended, undefined);
  assert.equal(child.exitCode, 7);
});

test('a program that cannot be started has the reason', async () => {
  const error = await untilExit(spawn('/nonexistent/program'));

  assert.match(error?.message ?? '', /ENOENT/);
});
