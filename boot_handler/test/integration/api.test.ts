import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { formatAddressConflicts } from '@pxeboot/config/contract/address-conflicts';

import { saveDefinition, saveImage, startHandler } from '../support/running-handler.ts';

interface ListedVm {
  name: string;
  file: string;
  state: string;
  faults: string[];
}

test('/api/vms lists every file with its state and faults', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await writeFile(join(handler.vmsDir, 'empty.json'), '');
  await mkdir(join(handler.vmsDir, 'folder.json'));
  await writeFile(join(handler.vmsDir, 'notes.txt'), 'not a definition');
  await writeFile(join(handler.vmsDir, '.hidden.json'), '{');

  const reply = await handler.ask('/api/vms');

  assert.equal(reply.status, 200);
  const { vms } = JSON.parse(reply.body) as { vms: ListedVm[] };
  assert.deepEqual(
    vms.map(({ name, file, state, faults }) => ({ name, file, state, faults })),
    [
      {
        name: 'empty',
        file: 'empty.json',
        state: 'rejected',
        faults: ['empty.json "": is empty; write a JSON object into it'],
      },
      {
        name: 'folder',
        file: 'folder.json',
        state: 'rejected',
        faults: ['folder.json: is not a regular file; put one regular file with the definition there, or remove it'],
      },
      { name: 'web1', file: 'web1.json', state: 'ok', faults: [] },
    ],
  );
});

test('/api says of a VM who else answers for its address, and /api/lint what to do', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir);
  await saveDefinition(handler.vmsDir, { name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21' });
  const ask = async (path: string): Promise<unknown> => JSON.parse((await handler.ask(path)).body) as unknown;
  const conflictOf = async (name: string): Promise<unknown> =>
    ((await ask(`/api/vms/${name}`)) as { address_conflict?: unknown }).address_conflict;
  assert.equal(await conflictOf('web1'), undefined);
  const owner = { mac: '52:54:00:aa:bb:01', vm: 'web1', by: 'definition' } as const;
  const conflict = { ip: '192.168.105.20', mac: '52:54:00:aa:bb:02', vm: 'web2' };
  const file = join(dirname(handler.stateFile), 'address-conflicts.json');
  await writeFile(file, formatAddressConflicts([{ ...conflict, owner }]));

  assert.deepEqual(await conflictOf('web1'), conflict);
  assert.equal(await conflictOf('web2'), undefined);
  const { vms } = (await ask('/api/vms')) as { vms: { address_conflict?: unknown }[] };
  assert.deepEqual(
    vms.map(({ address_conflict }) => address_conflict),
    [conflict, undefined],
  );
  const { findings } = (await ask('/api/lint')) as { findings: { rule: string; file: string; path: string }[] };
  assert.deepEqual(
    findings.map(({ rule, file: about, path }) => `${rule} ${about} ${path}`),
    ['address-conflict web1.json /ip'],
  );

  await saveDefinition(handler.vmsDir, { ip: '192.168.105.22' });
  assert.equal(await conflictOf('web1'), undefined, 'it has another address now');
});

test('/api/vms/<name> finds a VM by its name in any case, and the one of two files that is meant', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await writeFile(join(handler.vmsDir, 'Half.json'), '{');
  await writeFile(join(handler.vmsDir, 'half.json'), '');
  const fileOf = async (name: string): Promise<string> =>
    (JSON.parse((await handler.ask(`/api/vms/${name}`)).body) as ListedVm).file;

  assert.equal(await fileOf('WEB1'), 'web1.json');
  assert.equal(await fileOf('Half'), 'Half.json');
  assert.equal(await fileOf('half'), 'half.json');
});

test('what is not built is 404, health is 200 and not logged', async () => {
  await using handler = await startHandler();

  for (const path of ['/', '/readyz', '/metrics', '/api/vms/nobody', '/api', '/ipxe/other']) {
    assert.equal((await handler.ask(path)).status, 404, path);
  }
  handler.logLines.length = 0;
  assert.deepEqual(await handler.ask('/healthz'), { status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' });
  assert.deepEqual(handler.logLines, []);
});
