import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const main = join(import.meta.dirname, '../../src/main.ts');

test('wrong variables end the start with status 2 and a line for each, before anything is published', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vm-watcher-'));
  try {
    const [vms, out] = [join(directory, 'vms'), join(directory, 'out')];
    for (const each of [vms, out]) mkdirSync(each);
    const variables = { PROVISIONER_IP: '192.168.105.300', VMS_WATCH: 'often' };

    const { status, stdout } = spawnSync(process.execPath, [main, '--vms', vms, '--out', out], {
      env: { ...process.env, ...variables },
      encoding: 'utf8',
      timeout: 10_000,
    });

    assert.equal(status, 2, stdout);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.match(
      lines[0] ?? '',
      /cannot start reason=.*PROVISIONER_IP .*192\.168\.105\.300.* expected an IPv4 address/,
    );
    assert.match(lines[1] ?? '', /cannot start reason=.*VMS_WATCH .*often.* use one of /);
    assert.deepEqual(readdirSync(out), []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
