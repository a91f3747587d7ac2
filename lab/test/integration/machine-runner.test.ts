import assert from 'node:assert/strict';
import { appendFile, copyFile, writeFile } from 'node:fs/promises';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createLog } from '@pxeboot/config/host/log';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { Machine } from '../../src/decide/qemu-arguments.ts';
import { boards } from '../../src/decide/qemu-arguments.ts';
import { labSettings } from '../../src/decide/settings.ts';
import { runMachine } from '../../src/machine-runner.ts';
import { createNamespace, removeNamespace } from '../../src/namespace.ts';
import { waitUntil } from '../../src/wait-until.ts';

const hangsMs = 120_000;
const board = boards.x86_64;
const brokenKernel =
  '[    2.9] Oops: int3: 0000 [#1] PREEMPT SMP NOPTI\r\n[    5.8] Kernel panic - not syncing: Fatal exception in interrupt\r\n';
const options = { ...needs(board.program, 'ip', 'nsenter', board.code), timeout: 2 * hangsMs };

test('an emulated machine whose kernel the emulator has broken is started again', options, async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'machine-runner-'));
  const lab = labSettings(directory.path, 'x86_64', `runner-${process.pid}`);
  const machine = await blankMachine(directory.path);
  const lines: string[] = [];
  const starts = (): number => lines.filter((line) => line.includes('machine starts')).length;
  const stop = new AbortController();
  await createNamespace(lab);
  const running = runMachine(
    lab,
    machine,
    createLog('test', (line) => lines.push(line)),
    stop.signal,
  );
  try {
    await waitUntil('the machine has started', hangsMs, async () => Promise.resolve(starts() === 1));
    await appendFile(machine.consoleLog, brokenKernel);
    await waitUntil('it has started again', hangsMs, async () => Promise.resolve(starts() === 2));
    assert.match(lines.join('\n'), /info test machine stopped boot=1 reason=emulator-fault$/m);
  } finally {
    stop.abort();
    await running.catch(() => undefined);
    await removeNamespace(lab);
  }
  assert.equal(starts(), 2);
});

async function blankMachine(directory: string): Promise<Machine> {
  const firmwareVars = join(directory, 'vars.fd');
  const consoleLog = join(directory, 'console.log');
  await copyFile(board.vars, firmwareVars);
  await writeFile(consoleLog, '');
  return {
    arch: 'x86_64',
    accelerator: 'tcg',
    mac: '52:54:00:6c:61:0a',
    tap: 'tap-runner',
    memoryMiB: 256,
    cpus: 1,
    firmwareCode: board.code,
    firmwareVars,
    bus: 'virtio',
    spareNic: 'none',
    first: 'disk',
    networkBoot: 'pxe',
    firmware: 'usual',
    consoleSocket: join(directory, 'console'),
    consoleLog,
    qmpSocket: join(directory, 'qmp'),
  };
}
