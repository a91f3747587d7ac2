import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { compileTemplate } from '@pxeboot/config/render';
import { run } from '@pxeboot/config/run';

import { networkTestSkip } from '../../../../vm_watcher/test/support/requirements.ts';
import { nginxContext } from '../../../entrypoint/contexts.ts';

const repository = join(import.meta.dirname, '../../../..');
const skip = networkTestSkip();
const namespace = `nginx-${process.pid.toString(36)}`;
const inside = ['nsenter', `--net=/run/netns/${namespace}`, '--'] as const;
const programs: ChildProcess[] = [];
let directory: string;

function start(...words: string[]): void {
  const [file = '', ...args] = words;
  programs.push(spawn(file, args, { stdio: 'ignore' }));
}

/** Status line, headers and body of an answer; what curl is told beside the URL. */
async function ask(path: string, ...options: string[]): Promise<string> {
  const [program, ...words] = [...inside, 'curl', '-s', '-i', '-m', '5', ...options, `http://127.0.0.1${path}`];
  return (await run(program, words, { timeoutMs: 10_000 })).stdout;
}

before(async () => {
  if (skip !== false) return;
  directory = await mkdtemp(join(tmpdir(), 'nginx-'));
  await chmod(directory, 0o755);
  const [www, boot, vms, socket] = ['www', 'www/boot', 'vms', 'handler.sock'].map((name) => join(directory, name));
  await mkdir(join(directory, 'www/images/debian-12'), { recursive: true });
  await mkdir(vms ?? '');
  await cp(join(repository, 'config/templates'), boot ?? '', { recursive: true });
  const source = await readFile(join(repository, 'config/templates/nginx.conf.hbs'), 'utf8');
  const place = { interface: 'lo', address: '127.0.0.1', prefixLength: 8 };
  const context = {
    ...nginxContext(place, 65_536, { limit: 1024, connections: 512 }),
    runDirectory: directory,
    handlerSocket: socket ?? '',
    filesRoot: www ?? '',
    bootDirectory: boot ?? '',
  };
  const text = compileTemplate('nginx.conf', source)(context).replace('/dev/stdout', join(directory, 'access.log'));
  const file = join(directory, 'nginx.conf');
  // Its workers are nobody's otherwise, who may not use the handler's socket.
  await writeFile(file, `user root;\n${text}`);
  await run('ip', ['netns', 'add', namespace], { timeoutMs: 5000 });
  await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'], { timeoutMs: 5000 });
  start(...inside, 'nginx', '-e', 'stderr', '-c', file);
  const handler = join(repository, 'boot_handler/src/main.ts');
  const templates = join(repository, 'boot_handler/templates');
  start(process.execPath, handler, '--vms', vms ?? '', '--templates', templates, '--listen', socket ?? '');
  for (const deadline = performance.now() + 10_000; ;) {
    if ((await ask('/healthz').catch(() => '')).includes(' 200 ')) return;
    assert.ok(performance.now() < deadline, 'nginx and boot_handler answer');
    await sleep(50);
  }
});

after(async () => {
  if (skip !== false) return;
  for (const program of programs) {
    program.kill('SIGTERM');
    if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  }
  await run('ip', ['netns', 'del', namespace], { timeoutMs: 5000 });
  await rm(directory, { recursive: true });
});

test(
  'a directory asked for without its slash is found again behind whatever port the client uses',
  { skip },
  async () => {
    const answer = await ask('/images/debian-12', '-H', 'Host: 10.0.0.1:8080');

    assert.match(answer, /^HTTP\/1\.1 301 /);
    assert.match(answer, /^Location: \/images\/debian-12\/\r$/m);
  },
);

test('the reason is a script with status 200 also for a client that names no host', { skip }, async () => {
  const answer = await ask('/ipxe/why?mac=52:54:00:00:00:01', '--http1.0', '-H', 'Host:');

  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /^echo pxeboot_stack: this VM \(MAC 52:54:00:00:00:01\) is not defined\.$/m);
});
