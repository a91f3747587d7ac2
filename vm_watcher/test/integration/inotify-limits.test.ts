/** What is done when the kernel has no watch left, by the limits of a user namespace of the test's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { unlessMissing } from '@pxeboot/config/test/support/requirements';

const program = join(import.meta.dirname, '../support/follow-twice.ts');

/** Arguments of unshare(1): the limit is 0, then the command follows. */
function withoutAny(limit: string, ...command: string[]): string[] {
  const script = `echo 0 >/proc/sys/user/${limit} && exec "$@"`;
  return ['--user', '--map-root-user', 'sh', '-c', script, 'sh', ...command];
}

const { status } = spawnSync('unshare', withoutAny('max_inotify_watches', 'true'));
const { skip } = unlessMissing(status === 0 ? undefined : 'needs a user namespace whose limits can be written');

for (const [limit, sysctl] of [
  ['max_inotify_watches', 'fs.inotify.max_user_watches'],
  ['max_inotify_instances', 'fs.inotify.max_user_instances'],
] as const) {
  for (const setting of ['auto', 'events']) {
    test(`${setting}: without any ${sysctl} left, its name is told and the directory is polled`, { skip }, async () => {
      // tmpfs, where "auto" takes events.
      await using directory = await mkdtempDisposable('/dev/shm/inotify-limits-');

      const command = withoutAny(limit, process.execPath, program, directory.path, setting);
      const { stdout } = await run('unshare', command, { timeoutMs: 20_000 });

      assert.match(stdout, /^watching .*"mode":"events"/);
      assert.ok(stdout.includes(`\nno file events, the directory is polled`) && stdout.includes(sysctl), stdout);
      assert.match(stdout, /\nwatching .*"mode":"poll"/);
      assert.match(stdout, /\nnoticed /);
    });
  }
}
