import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const main = join(import.meta.dirname, '../../src/main.ts');

/** Only a program that does not end runs into it. */
const hangsMs = 120_000;

/** Starts it with these variables and empty directories. */
function startWith(variables: Record<string, string>): { status: number | null; lines: string[]; published: string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'vm-watcher-'));
  try {
    const [vms, out] = [join(directory, 'vms'), join(directory, 'out')];
    for (const each of [vms, out]) mkdirSync(each);
    const { status, stdout } = spawnSync(process.execPath, [main, '--vms', vms, '--out', out], {
      env: { ...process.env, ...variables },
      encoding: 'utf8',
      timeout: hangsMs,
    });
    return { status, lines: stdout.trimEnd().split('\n'), published: readdirSync(out) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const wrongAddress = /cannot start reason=.*PROVISIONER_IP .*192\.168\.105\.300.* expected an IPv4 address/;

test('a wrong address ends the start with status 2 and a line that names it, before anything is published', () => {
  const { status, lines, published } = startWith({ PROVISIONER_IP: '192.168.105.300' });

  assert.equal(status, 2, lines.join('\n'));
  assert.match(lines.join('\n'), wrongAddress);
  assert.deepEqual([lines.length, published], [1, []]);
});

test('two wrong variables are two lines', () => {
  const { status, lines } = startWith({ PROVISIONER_IP: '192.168.105.300', VMS_WATCH: 'often' });

  assert.deepEqual([status, lines.length], [2, 2], lines.join('\n'));
  assert.match(lines[0] ?? '', wrongAddress);
  assert.match(lines[1] ?? '', /cannot start reason=.*VMS_WATCH .*often.* use one of /);
});
