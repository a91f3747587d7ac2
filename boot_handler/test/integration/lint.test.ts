import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { compileValidator } from '@pxeboot/config/contract/validator';
import type { Finding } from '@pxeboot/config/lint/rules/finding';

import { definitionJson, saveDefinition, saveImage, saveInspected, startHandler } from '../support/running-handler.ts';

test('/api/lint lists errors, warnings and notes of all files, and always of what the files say now', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir, { ip: '192.168.105.120', kernal: 'x' });
  await writeFile(join(handler.vmsDir, 'web2.json'), 'null');

  const reply = await handler.ask('/api/lint');

  assert.deepEqual([reply.status, reply.type], [200, 'application/json; charset=utf-8']);
  const { findings } = JSON.parse(reply.body) as { findings: Finding[] };
  assert.deepEqual(
    findings.map(({ level, rule, file, path }) => `${level} ${rule} ${file} ${path}`),
    [
      'note address-in-range web1.json /ip',
      'warning misspelt-field web1.json /kernal',
      'error not-in-force web2.json ',
    ],
  );

  await saveDefinition(handler.vmsDir);
  await writeFile(
    join(handler.vmsDir, 'web2.json'),
    definitionJson({ name: 'web2', mac: '52:54:00:aa:bb:02', ip: '' }),
  );
  assert.deepEqual(JSON.parse((await handler.ask('/api/lint')).body), { findings: [] });
});

test('/api/lint says what was found inside an image: what cannot be installed, and what is worth knowing', async () => {
  await using handler = await startHandler();
  await saveInspected(handler.inspectedFile, {
    image: 'fedora-40/x86_64',
    faults: [{ problem: 'is an HTML page', fix: 'fetch it again' }],
    warnings: [{ level: 'note', problem: 'has no GRUB', fix: 'nothing to do' }],
  });
  await saveImage(handler.imagesDir, 'fedora-40/x86_64');
  await saveDefinition(handler.vmsDir, { distro: 'fedora-40' });
  const found = async (): Promise<unknown> => {
    const { findings } = JSON.parse((await handler.ask('/api/lint')).body) as { findings: Finding[] };
    return findings.map(({ level, rule, path, value }) => `${level} ${rule} ${path} ${value}`);
  };

  assert.deepEqual(await found(), [
    'warning image-content /distro "fedora-40"',
    'note image-content /distro "fedora-40"',
  ]);
  await saveDefinition(handler.vmsDir, { distro: 'fedora-40', pxeboot: false });
  assert.deepEqual(await found(), []);
});

test('the schema for editors is served, and a definition may name it', async () => {
  await using handler = await startHandler();

  const reply = await handler.ask('/schemas/vm-definition.schema.json');

  assert.equal(reply.status, 200);
  const validate = compileValidator(JSON.parse(reply.body) as object);
  const url = `http://${handler.host}/schemas/vm-definition.schema.json`;
  const document = JSON.parse(definitionJson({ $schema: url })) as Record<string, unknown>;
  assert.deepEqual(validate('web1.json', document), []);
  assert.equal(validate('web1.json', { ...document, mac: 7 }).length, 1);
  assert.equal((await handler.ask('/schemas/other.json')).status, 404);
});
