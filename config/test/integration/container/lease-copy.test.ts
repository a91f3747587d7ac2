import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import type { LeaseFiles } from '../../../container/lease-copy.ts';
import { restoreLeases, startLeaseCopier } from '../../../container/lease-copy.ts';
import { createLog } from '../../../host/log.ts';

const leases = '1795489200 52:54:00:aa:bb:01 192.168.105.100 * *\n1795489201 52:54:00:aa:bb:02 192.168.105.101 * *\n';

/** Between two copies, in milliseconds. */
const pauseMs = 5;

interface Case extends LeaseFiles {
  lines: string[];
  log: ReturnType<typeof createLog>;
}

async function createCase(context: TestContext): Promise<Case> {
  const directory = await mkdtemp(join(tmpdir(), 'leases-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const lines: string[] = [];
  return {
    inMemory: join(directory, 'memory'),
    copy: join(directory, 'copy'),
    lines,
    log: createLog('test', (line) => lines.push(line)),
  };
}

test('the first start begins with an empty file', async (context) => {
  const { log, lines, ...files } = await createCase(context);

  await restoreLeases(files, log);

  assert.equal(await readFile(files.inMemory, 'utf8'), '');
  assert.deepEqual(lines, []);
});

test('a later start begins with the leases of the copy, and says how many', async (context) => {
  const { log, lines, ...files } = await createCase(context);
  await writeFile(files.copy, leases);

  await restoreLeases(files, log);

  assert.equal(await readFile(files.inMemory, 'utf8'), leases);
  assert.match(lines.join('\n'), /^\S+ info test leases of the last run restored leases=2$/);
});

test('the identifier that dnsmasq has for DHCPv6 is no lease', async (context) => {
  const { log, lines, ...files } = await createCase(context);
  await writeFile(files.copy, 'duid 00:01:00:01:2e:aa:bb:cc:52:54:00:aa:bb:01\n');

  await restoreLeases(files, log);

  assert.deepEqual(lines, []);
});

test('a copy that cannot be read ends the start: an address could be given twice', async (context) => {
  const { log, ...files } = await createCase(context);
  await mkdir(files.copy);

  await assert.rejects(restoreLeases(files, log), { name: 'HostError', message: `read "${files.copy}"` });
});

test('what is in memory at the stop is in the copy', async (context) => {
  const { log, lines, ...files } = await createCase(context);
  await writeFile(files.inMemory, '');
  const copier = startLeaseCopier(files, log);
  await writeFile(files.inMemory, leases);

  await copier.stop();

  assert.equal(await readFile(files.copy, 'utf8'), leases);
  assert.deepEqual(lines, []);
});

test('while the services run the leases are copied too, once for each change', async (context) => {
  const { log, ...files } = await createCase(context);
  await writeFile(files.inMemory, leases);
  const copier = startLeaseCopier(files, log, pauseMs);

  await until(async () => (await readFile(files.copy, 'utf8').catch(() => '')) === leases);

  await rm(files.copy);
  await copier.stop();
  await assert.rejects(readFile(files.copy), { code: 'ENOENT' }, 'what has not changed is not written again');
});

test('a copy that cannot be written is logged once, and stops nothing', async (context) => {
  const { log, lines, ...files } = await createCase(context);
  await writeFile(files.inMemory, leases);
  const copier = startLeaseCopier({ ...files, copy: join(files.copy, 'not-there') }, log, pauseMs);

  await until(() => Promise.resolve(lines.length > 0));
  await copier.stop();

  assert.equal(lines.length, 1);
  assert.match(
    lines[0] ?? '',
    /warn test leases not copied; a restart would forget them to=\S+not-there reason="ENOENT/,
  );
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((settle) => setImmediate(settle));
}
