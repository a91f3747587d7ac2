import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, test } from 'node:test';

import { execa } from 'execa';

import { boards } from '../../src/decide/qemu-arguments.ts';
import { labSettings, vmsDirectory } from '../../src/decide/settings.ts';
import { createMachine, machinePaths, noDisk } from '../../src/vm-files.ts';
import { waitWhileRunning } from '../../src/vm.ts';

const root = join(import.meta.dirname, '../../..');
const name = `pxeboot-cli-${process.pid}`;
const settings = labSettings(root, 'x86_64', name);

/** The command line of a lab that is down. */
async function lab(...words: string[]): Promise<{ status: number | undefined; stdout: string; stderr: string }> {
  const main = join(root, 'lab/src/main.ts');
  const args = [main, '--name', name, ...words];
  const { exitCode, stdout, stderr } = await execa(process.execPath, args, { reject: false, timeout: 30_000 });
  return { status: exitCode, stdout, stderr };
}

after(async () => {
  for (const directory of [settings.state, settings.runtime]) await rm(directory, { recursive: true, force: true });
});

test('a VM is created once; what its file holds then is not written over', async () => {
  assert.equal((await lab('vm', 'create', 'web1')).status, 0);
  const file = join(vmsDirectory(settings), 'web1.json');
  const before = await readFile(file, 'utf8');

  const again = await lab('vm', 'create', 'web1');

  assert.equal(again.status, 2);
  assert.equal(again.stderr, `lab: create VM "web1": "${file}" is there; edit it, or remove it first`);
  assert.equal(await readFile(file, 'utf8'), before);
});

test('a definition with a fault is shown with it and hides no other VM', async () => {
  await writeFile(join(vmsDirectory(settings), 'typo.json'), '{"name": "typo"');

  const { stdout, status } = await lab('status');

  assert.equal(status, 0);
  const [typo = '', web1 = ''] = stdout.split('\n');
  assert.match(typo, /^typo\ttypo\.json .*: is not JSON: /);
  assert.match(web1, /^web1\toff\t52:54:00:6c:61:0a\t192\.168\.105\.10\tdebian-12$/);
});

test('a definition with a fault does not stop the creation of another VM, and keeps its address', async () => {
  await writeFile(join(vmsDirectory(settings), 'half.json'), '{"name": "half", "ip": "192.168.105.11",');

  const { status, stderr } = await lab('vm', 'create', 'web2');

  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.match(await readFile(join(vmsDirectory(settings), 'web2.json'), 'utf8'), /"ip": "192\.168\.105\.12"/);
});

test('a VM that is not running is not waited for', async () => {
  const { status, stderr } = await lab('wait', 'web1', '--seconds', '20');

  assert.equal(status, 1);
  assert.match(stderr, /it is not running; "lab vm start web1" starts it, ".*runner\.log" says why it has ended$/);
});

/** What the lab takes for a VM that runs, with this on its console. */
async function pretendToRun(context: TestContext, vm: string, console: string): Promise<void> {
  const { directory, consoleLog, pidFile } = machinePaths(settings, vm);
  for (const needed of [directory, settings.runtime]) await mkdir(needed, { recursive: true });
  await writeFile(consoleLog, console);
  const running = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'run-machine']);
  context.after(async () => {
    running.kill();
    await rm(directory, { recursive: true });
  });
  await writeFile(pidFile, String(running.pid));
}

test('a VM in the shell of an installer that has failed is not waited for, and the reason is told', async (context) => {
  const reason = 'INSTALLATION FAILED: choose a disk: this machine has no disk';
  const console = `BdsDxe: starting Boot0002\r\n\r\n${reason}\r\ninit: shell on the console; …\r\n`;
  await pretendToRun(context, 'web1', console);

  const { status, stderr } = await lab('wait', 'web1', '--seconds', '20');

  assert.equal(status, 1);
  assert.equal(stderr, `lab: VM "web1" answers SSH on 192.168.105.10: it is in the installer's shell: ${reason}`);
});

test('a VM that runs is waited for also while it has no definition', async (context) => {
  await pretendToRun(context, 'no-file', 'iPXE starts');
  let asked = 0;

  const answer = await waitWhileRunning(settings, 'no-file', 'it is asked twice', async () => {
    asked += 1;
    return Promise.resolve(asked === 2 && 'done');
  });

  assert.equal(answer, 'done');
});

test('a VM in a lab that is down is not logged in to, and what says nothing yet is not followed', async () => {
  const ssh = await lab('ssh', 'web1', 'true');
  const console = await lab('console', 'web1');

  assert.deepEqual(ssh, {
    status: 2,
    stdout: '',
    stderr: 'lab: log in to VM "web1": the lab is down; "lab up" starts it',
  });
  assert.equal(console.status, 2);
  assert.match(
    console.stderr,
    /^lab: follow the console of VM "web1": ".*console\.log" does not exist; "lab vm start web1" makes it$/,
  );
});

test('firmware that is not installed is named, with the command that installs it', async (context) => {
  const { vars } = boards.aarch64;
  context.after(() => (boards.aarch64.vars = vars));
  boards.aarch64.vars = '/nowhere/vars.fd';
  const none = { diskSize: noDisk, spareDisk: noDisk };

  await assert.rejects(createMachine(machinePaths(settings, 'web1'), 'aarch64', none), {
    name: 'InputError',
    message:
      'make a machine of aarch64: its firmware "/nowhere/vars.fd" is not installed; "make setup FOREIGN=1" installs it',
  });
});

test('each fault of a definition is a line of its own', async () => {
  await writeFile(
    join(vmsDirectory(settings), 'bad.json'),
    '{"name": "bad", "role": "target", "arch": "arm", "mac": "0"}',
  );

  const { status, stderr } = await lab('ssh', 'bad');

  assert.equal(status, 2);
  const faults = stderr.replace(/^lab: /, '').split('\n');
  assert.deepEqual(
    faults.map((line) => line.split(': ')[0]),
    ['bad.json /arch "arm"', 'bad.json /mac "0"'],
  );
});

test('a name that leads out of the lab, and a number that is none, are refused with the reason', async () => {
  const erase = await lab('vm', 'erase', '../..');
  const memory = await lab('vm', 'start', 'web1', '--memory', '2G');

  assert.deepEqual(
    [erase.status, erase.stderr],
    [2, 'lab: "../.." is no name of a VM; use 1 to 63 letters, digits and inner hyphens'],
  );
  assert.match(memory.stderr, /argument '2G' is invalid\. Expected a whole number\./);
  assert.notEqual(memory.status, 0);
});
