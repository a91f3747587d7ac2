import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { CommandError } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';
import { sampleKey } from '@pxeboot/config/test/support/sample-vm';

import { checkWithCloudInit, ensureCloudInitRoot, parseYaml } from '../support/cloud-init-root.ts';
import { saveDefinition, startHandler } from '../support/running-handler.ts';

const { skip } = needs('mmdebstrap');
before(async () => {
  if (skip === false) await ensureCloudInitRoot();
});

test("cloud-init's own schema takes user-data, vendor-data and network-config", { skip }, async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { ipv6: 'fd00:105::20' });

  for (const [file, kind] of [
    ['user-data', 'cloud-config'],
    ['vendor-data', 'cloud-config'],
    ['network-config', 'network-config'],
  ] as const) {
    const { body } = await handler.ask(`/cloud-init/web1/${file}`);
    const { stdout, stderr } = await checkWithCloudInit(kind, body);

    assert.match(stdout, /Valid schema/, `${file}: ${stdout} ${stderr}`);
    assert.doesNotMatch(`${stdout}${stderr}`, /deprecat|warning|skipping/i, file);
  }
});

test('the same check finds a misspelt key and a wrong value, so that it is a check', { skip }, async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  const user = await handler.ask('/cloud-init/web1/user-data');
  const network = await handler.ask('/cloud-init/web1/network-config');

  await assert.rejects(checkWithCloudInit('cloud-config', user.body.replace('ssh_pwauth', 'ssh_pwath')), CommandError);
  await assert.rejects(
    checkWithCloudInit('network-config', network.body.replace('dhcp4: true', 'dhcp4: maybe')),
    CommandError,
  );
});

test('a key comment full of YAML and Jinja stays one string', { skip }, async () => {
  const key = `${sampleKey} "quoted": {{ v1 }} # - 'x' \\n é`;
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { ssh_key: key });

  const { body } = await handler.ask('/cloud-init/web1/user-data');
  const document = (await parseYaml(body)) as { users: { name: string; ssh_authorized_keys: string[] }[] };

  assert.deepEqual(
    document.users.map(({ name, ssh_authorized_keys }) => [name, ssh_authorized_keys]),
    [['ubuntu', [key]]],
  );
});

test('meta-data is two strings', { skip }, async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { name: 'no' });

  const { body } = await handler.ask('/cloud-init/no/meta-data');
  const document = (await parseYaml(body)) as Record<string, unknown>;

  assert.deepEqual(Object.keys(document), ['instance-id', 'local-hostname']);
  assert.equal(document['local-hostname'], 'no', 'not the boolean that YAML 1.1 makes of it');
});
