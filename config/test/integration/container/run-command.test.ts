import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { execa } from 'execa';

const main = join(import.meta.dirname, '../../../container/main.ts');
/** As `docker run IMAGE COMMAND…` does, without any variable of the stack. */
const run = (command: readonly string[], options: { input?: string } = {}) =>
  execa(process.execPath, [main, ...command], {
    reject: false,
    timeout: 30_000,
    extendEnv: false,
    env: { PATH: process.env['PATH'], MINE: 'kept' },
    stripFinalNewline: false,
    ...options,
  });

test('a command is run in place of the services, with its input, output, environment and exit status', async () => {
  const script = 'cat; echo "$MINE $1" >&2; exit 7';

  const { exitCode, stdout, stderr } = await run(['sh', '-c', script, 'sh', 'two words'], { input: 'read\n' });

  assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 7, stdout: 'read\n', stderr: 'kept two words\n' });
});

test('it is the same process, and no signal is ignored or blocked that was not before', async () => {
  // A shell blocks every signal for a moment while it starts a child, so the shell becomes the program that looks.
  const show = ['-c', 'echo $$; exec grep -E "^Sig(Blk|Ign):" /proc/self/status'];
  // make and what started it may ignore some.
  const before = await execa('sh', show, { stripFinalNewline: false });
  const child = run(['sh', ...show]);

  const { stdout } = await child;

  assert.equal(stdout, before.stdout.replace(/^\d+/, String(child.pid)));
});

test('a signal reaches it, and ends it as it says', async () => {
  const child = run(['sh', '-c', 'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.05; done']);
  child.stdout.once('data', () => child.kill('SIGTERM'));

  const { exitCode, stdout } = await child;

  assert.deepEqual({ exitCode, stdout }, { exitCode: 3, stdout: 'ready\ngot\n' });
});

test('it has the terminal', async () => {
  const command = `${process.execPath} ${main} tty`;

  const { stdout } = await execa('script', ['--quiet', '--return', '--command', command, '/dev/null'], { input: '' });

  assert.match(stdout, /^\/dev\/pts\/\d+\s*$/);
});

const impossible: [string, string[], number, RegExp][] = [
  [
    'nothing by that name',
    ['no-such-program', '--flag'],
    127,
    /^entrypoint: .no-such-program.: No such file or directory\n$/,
  ],
  ['an option in its place', ['--help'], 127, /^entrypoint: .--help.: No such file or directory\n$/],
  ['a file that is no program', ['/etc/passwd'], 126, /^entrypoint: .\/etc\/passwd.: Permission denied\n$/],
  ['a directory', ['/etc'], 126, /^entrypoint: .\/etc.: Permission denied\n$/],
  ['an empty word', [''], 127, /^entrypoint: .*: No such file or directory\n$/],
];
for (const [what, command, status, says] of impossible) {
  test(`${what} is said in one line, with status ${status}, as a shell does`, async () => {
    const { exitCode, stdout, stderr } = await run(command);

    assert.equal(exitCode, status, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, says);
  });
}

test('without a command the variables are checked', async () => {
  const { exitCode, stdout, stderr } = await run([]);

  assert.equal(exitCode, 2);
  assert.match(stdout + stderr, /PROVISIONER_IP: is missing/);
});
