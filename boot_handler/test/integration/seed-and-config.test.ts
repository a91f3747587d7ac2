import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { sampleKey } from '@pxeboot/config/test/support/sample-vm';

import { saveDefinition, saveImage, saveInspected, startHandler } from '../support/running-handler.ts';

test('the seed names host, user, key and network card, and no password', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  assert.deepEqual(await handler.ask('/cloud-init/web1/user-data'), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: `#cloud-config
hostname: "web1"
fqdn: "web1.pvmlab.local"
prefer_fqdn_over_hostname: false
manage_etc_hosts: localhost
users:
  - name: ubuntu
    gecos: Ubuntu
    groups: [adm, systemd-journal]
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: true
    ssh_authorized_keys:
      - "${sampleKey}"
disable_root: true
ssh_pwauth: false
locale: C.UTF-8
`,
  });
  assert.deepEqual(await handler.ask('/cloud-init/web1/network-config'), {
    status: 200,
    type: 'application/yaml; charset=utf-8',
    body: `version: 2
ethernets:
  primary:
    match:
      macaddress: "52:54:00:aa:bb:01"
    dhcp4: true
    dhcp6: false
    dhcp-identifier: mac
    nameservers:
      search: ["pvmlab.local"]
`,
  });
  assert.deepEqual(await handler.ask('/cloud-init/web1/vendor-data'), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: '#cloud-config\n{}\n',
  });
});

test('a name that is no host name is the same in URLs, files and API, and the guest gets a valid one', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  for (const [name, guest, mac] of [
    ['My_VM', 'my-vm', '52:54:00:aa:bb:01'],
    ['node.k8s', 'node-k8s', '52:54:00:aa:bb:02'],
  ] as const) {
    const lower = name.toLowerCase();
    await saveDefinition(handler.vmsDir, { name, mac, ip: '' });
    await writeFile(join(handler.vmsDir, `${name}.noreboot`), '');
    await writeFile(join(handler.vmsDir, `${name}.reinstall`), '1');

    const config = JSON.parse((await handler.ask(`/config/${mac}`)).body) as Record<string, unknown>;
    const seed = await handler.ask(`/cloud-init/${name}/user-data`);
    const meta = await handler.ask(`/cloud-init/${lower}/meta-data`);
    const listed = JSON.parse((await handler.ask(`/api/vms/${name}`)).body) as Record<string, unknown>;

    assert.equal(config['cloud_init_url'], `http://${handler.host}/cloud-init/${lower}`);
    assert.equal(config['vm'], lower);
    assert.equal(config['reboot_on_success'], false);
    assert.match(String(config['reinstall_token']), /^[0-9a-f]{32}$/);
    assert.match(seed.body, new RegExp(`^hostname: "${guest}"\nfqdn: "${guest}\\.pvmlab\\.local"$`, 'm'));
    assert.match(meta.body, new RegExp(`^local-hostname: "${guest}"$`, 'm'));
    assert.equal(listed['name'], lower);
    assert.equal((await handler.ask(`/ipxe?mac=${mac}`)).status, 200);
  }
  assert.equal((await handler.ask('/cloud-init/my-vm/meta-data')).status, 404);
});

test('the instance-id is new at each asking', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  const first = await handler.ask('/cloud-init/web1/meta-data');
  const second = await handler.ask('/cloud-init/web1/meta-data');

  assert.match(first.body, /^instance-id: "web1-[0-9a-f]{12}"\nlocal-hostname: "web1"\n$/);
  assert.notEqual(first.body, second.body);
});

test('DHCPv6 is asked for only with a reserved IPv6 address, and a VM without a key has no key list', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { ipv6: 'fd00:105::20', ssh_key: '' });

  const network = await handler.ask('/cloud-init/web1/network-config');
  const user = await handler.ask('/cloud-init/web1/user-data');

  assert.match(network.body, /^ {4}dhcp6: true$/m);
  assert.doesNotMatch(user.body, /ssh_authorized_keys/);
});

test('another seed file is 400, an unknown VM 404, and the body is never a seed', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  assert.deepEqual(await handler.ask('/cloud-init/web1/passwd'), {
    status: 400,
    type: 'text/plain; charset=utf-8',
    body: 'read the request: "passwd" is no seed file; expected one of meta-data, user-data, network-config, vendor-data\n',
  });
  assert.deepEqual(await handler.ask('/cloud-init/web9/user-data'), {
    status: 404,
    type: 'text/plain; charset=utf-8',
    body: 'find the VM "web9": no target has this name; save its definition as <name>.json\n',
  });
  assert.equal((await handler.ask('/cloud-init/..%2Fweb1/user-data')).status, 404);
  assert.equal((await handler.ask('/cloud-init/%E0%A4%A/user-data')).status, 400);
  handler.logLines.length = 0;
  assert.equal((await handler.ask('/cloud-init/a%0Aforged/user-data')).status, 404);
  assert.equal(handler.logLines.length, 1);
  assert.doesNotMatch(handler.logLines[0] ?? '', /\n/);
});

test('/config is JSON, and a .noreboot file at the moment of asking keeps the VM in the installer', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);
  async function reboots(): Promise<unknown> {
    const reply = await handler.ask('/config/52:54:00:aa:bb:01');
    assert.equal(reply.status, 200);
    assert.equal(reply.type, 'application/json; charset=utf-8');
    const config: unknown = JSON.parse(reply.body);
    return typeof config === 'object' && config !== null && 'reboot_on_success' in config
      ? config.reboot_on_success
      : undefined;
  }

  const before = await reboots();
  await writeFile(join(handler.vmsDir, 'web1.noreboot'), '');
  const during = await reboots();
  await rm(join(handler.vmsDir, 'web1.noreboot'));
  const after = await reboots();

  assert.deepEqual([before, during, after], [true, false, true]);
});

test('/config refuses a malformed MAC, an unknown one, the provisioner, an incomplete image and one that cannot be installed', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveDefinition(handler.vmsDir, { name: 'web3', mac: '52:54:00:aa:bb:03', ip: '', distro: 'fedora-40' });
  await saveImage(handler.imagesDir, 'fedora-40/x86_64');
  const faults = [{ problem: 'images/fedora-40 is an HTML page', fix: 'fetch it again' }];
  await saveInspected(handler.inspectedFile, { image: 'fedora-40/x86_64', faults });
  await saveDefinition(handler.vmsDir, { name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:02', ip: '' });

  const statuses: number[] = [];
  for (const mac of ['zz', '52:54:00:aa:bb:09', '52:54:00:aa:bb:02', '52:54:00:aa:bb:01', '52:54:00:aa:bb:03']) {
    statuses.push((await handler.ask(`/config/${mac}`)).status);
  }

  assert.deepEqual(statuses, [400, 404, 404, 409, 409]);
  assert.match(
    (await handler.ask('/config/52:54:00:aa:bb:03')).body,
    /^install "web3": images\/fedora-40 is an HTML page/,
  );
});

test('several slashes in a path are one, and those in a query stay', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);

  const statuses = [];
  for (const path of [
    '//ipxe?mac=52:54:00:aa:bb:01',
    '/cloud-init//web1/meta-data',
    '/cloud-init/web1///meta-data',
    '//config//52:54:00:aa:bb:01',
    '//api/vms//web1',
    '/ipxe?mac=//',
  ])
    statuses.push((await handler.ask(path)).status);

  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 400]);
  assert.match((await handler.ask('/ipxe?mac=//')).body, /"\/\/" is not a MAC address/);
});
