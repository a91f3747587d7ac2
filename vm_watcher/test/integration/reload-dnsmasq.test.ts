import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import type { RunResult } from '@pxeboot/config/host/run';
import { CommandError, run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import { reloadDnsmasq } from '../../src/publish/reload-dnsmasq.ts';
import { eventually } from '../support/running-stack.ts';
import { serviceRights, watcherUser } from '../support/service-rights.ts';

const { skip } = needs('setpriv', 'sleep');
const reloader = join(import.meta.dirname, '../../src/publish/reload-dnsmasq.ts');
const dnsmasqUser = 60_002;

interface Case {
  pidFile: string;
  process: ChildProcess;
}

/** A process of that name and user, which SIGHUP ends, and its pid file. */
async function startProcess(context: TestContext, { name = 'dnsmasq', fileOwner = dnsmasqUser } = {}): Promise<Case> {
  const directory = await mkdtemp(join(tmpdir(), 'reload-'));
  await chmod(directory, 0o755);
  const [program, pidFile] = [join(directory, name), join(directory, 'pid')];
  await copyFile('/bin/sleep', program);
  const user = [`--reuid=${dnsmasqUser}`, `--regid=${dnsmasqUser}`, '--clear-groups', '--'];
  const child = spawn('setpriv', [...user, program, '600'], { stdio: 'ignore' });
  context.after(async () => {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });
  await eventually('it runs', async () => (await readFile(`/proc/${child.pid}/comm`, 'utf8')).trim() === name);
  await writeFile(pidFile, `${child.pid}\n`);
  await chown(pidFile, fileOwner, fileOwner);
  return { pidFile, process: child };
}

/** reloadDnsmasq in a process with these rights. */
function reloadWith(rights: readonly string[], pidFile: string): Promise<RunResult> {
  const script = `import(${JSON.stringify(reloader)}).then((file) => file.reloadDnsmasq(${JSON.stringify(pidFile)})).then(console.log)`;
  return run('setpriv', [...rights, '--', process.execPath, '-e', script], { timeoutMs: 30_000 });
}

test('the dnsmasq of another user is reached with the rights that vm_watcher has', { skip }, async (context) => {
  const { pidFile, process: dnsmasq } = await startProcess(context);

  const { stdout, stderr } = await reloadWith(serviceRights('vm_watcher'), pidFile);

  assert.deepEqual([stdout, stderr], ['true', '']);
  if (dnsmasq.signalCode === null) await once(dnsmasq, 'exit');
  assert.equal(dnsmasq.signalCode, 'SIGHUP');
});

test('without CAP_KILL the error says so', { skip }, async (context) => {
  const { pidFile, process: dnsmasq } = await startProcess(context);
  const rights = [`--reuid=${watcherUser}`, `--regid=${watcherUser}`, '--clear-groups', '--bounding-set=-all'];

  await assert.rejects(reloadWith(rights, pidFile), (error) => {
    assert.ok(error instanceof CommandError);
    assert.match(
      error.stderr,
      /send SIGHUP to dnsmasq \(pid \d+\); vm_watcher needs CAP_KILL for that, or dnsmasq's user/,
    );
    return true;
  });

  assert.deepEqual([dnsmasq.exitCode, dnsmasq.signalCode], [null, null]);
});

const others = [
  { what: 'of another name', name: 'nginx' },
  { what: 'of another user than the pid file', fileOwner: 60_003 },
];
for (const { what, ...given } of others) {
  test(`a process ${what} gets no signal, whatever the pid file says`, { skip }, async (context) => {
    const { pidFile, process: other } = await startProcess(context, given);

    assert.equal(await reloadDnsmasq(pidFile), false);

    assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
  });
}

for (const text of ['', '0\n', '1\n', '-1\n', 'all\n', '99999999\n']) {
  test(`a pid file with ${JSON.stringify(text)} names no dnsmasq`, async (context) => {
    const directory = await mkdtemp(join(tmpdir(), 'reload-'));
    context.after(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'pid'), text);

    assert.equal(await reloadDnsmasq(join(directory, 'pid')), false);
  });
}
