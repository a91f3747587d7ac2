import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import {
  definitionJson,
  saveDefinition,
  saveImage,
  saveInspected,
  saveState,
  startHandler,
} from '../support/running-handler.ts';
import { sampleTarget } from '../support/sample-target.ts';

test('/ipxe/why tells an unknown VM what to save and which files have faults, and asks again', async () => {
  await using handler = await startHandler();
  await writeFile(join(handler.vmsDir, 'broken.json'), '{ “name”: 1 }');

  const reply = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

  const host = `http://${handler.host}`;
  assert.deepEqual(reply, {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: `#!ipxe
echo
echo pxeboot_stack: this VM (MAC 52:54:00:aa:bb:09) is not defined.
echo Reason: no file in the vms directory has the MAC 52:54:00:aa:bb:09
echo To do: save <name>.json with mac: 52:54:00:aa:bb:09 there
echo Reason: broken.json is not in force: is not JSON: line 1, column 3:
echo typographic quotes
echo To do: write straight ones:
echo
echo Trying again every 5 seconds. Ctrl-C leaves.
:retry
sleep 5
chain --replace --autofree ${host}/ipxe?mac=52:54:00:aa:bb:09 || chain --replace --autofree ${host}/ipxe/why?mac=52:54:00:aa:bb:09 || goto retry
`,
  });
});

test('/ipxe/why names what is missing, and says so when nothing is any more', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);

  const before = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');
  await saveImage(handler.imagesDir);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const after = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');

  assert.equal(before.status, 200);
  assert.match(before.body, /^echo pxeboot_stack: web1 cannot boot yet\.$/m);
  assert.match(before.body, /^echo Reason: the directory images\/debian-12\/x86_64 is missing$/m);
  assert.equal(after.status, 200);
  assert.match(after.body, /^echo pxeboot_stack: nothing is missing for web1 now, so it boots next\.$/m);
});

for (const pxeboot of [true, false, undefined]) {
  test(`a VM without a distribution, pxeboot ${String(pxeboot)}, is told so and what to write, once it asks`, async () => {
    await using handler = await startHandler();
    await saveDefinition(handler.vmsDir, { distro: undefined, role: undefined, pxeboot });

    const why = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');
    const ipxe = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');

    assert.match(
      why.body,
      new RegExp(
        `^echo pxeboot_stack: web1 cannot boot yet\\.
echo Reason: its definition has no distro, so there is nothing to boot
echo To do: add distro, the name of a directory under images/ such as debian-12
echo$`,
        'm',
      ),
    );
    assert.equal(ipxe.status, 409);
    assert.match(ipxe.body, /^boot "web1": its definition has no "distro", so there is nothing to boot; add "distro"/);
    assert.equal((await handler.ask('/config/52:54:00:aa:bb:01')).status, 409);
    assert.equal((await handler.ask('/cloud-init/web1/meta-data')).status, 200);
    const { state, role, distro } = JSON.parse((await handler.ask('/api/vms/web1')).body) as Record<string, unknown>;
    assert.deepEqual({ state, role, distro }, { state: 'ok', role: 'target', distro: undefined });
  });
}

test('/ipxe/why says why an image cannot be installed, and what to do', async () => {
  await using handler = await startHandler();
  const problem = 'images/fedora-40/x86_64/rootfs.tar.gz holds a system for aarch64, and its directory is for x86_64';
  const faults = [{ problem, fix: 'put it into images/fedora-40/aarch64, or fetch the other one' }];
  await saveInspected(handler.inspectedFile, { image: 'fedora-40/x86_64', faults });
  await saveDefinition(handler.vmsDir, { distro: 'fedora-40' });
  await saveImage(handler.imagesDir, 'fedora-40/x86_64');

  const { status, body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');

  assert.equal(status, 200);
  assert.doesNotMatch(body, /nothing is missing/);
  assert.match(
    body,
    new RegExp(
      [
        'echo pxeboot_stack: web1 cannot boot yet\\.',
        'echo Reason: images/fedora-40/x86_64/rootfs\\.tar\\.gz holds a system for aarch64, and',
        'echo its directory is for x86_64',
        'echo To do: put it into images/fedora-40/aarch64, or fetch the other one',
      ].join('\n'),
    ),
  );
});

test('/ipxe/why is a script with status 200 whatever is asked', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:02', ip: '' });

  for (const query of [
    '',
    '?mac=',
    '?mac=zz',
    '?mac=a&mac=b',
    '?mac=52:54:00:aa:bb:02',
    '?mac=%0Areboot',
    '?mac=$%7Bx%7D',
  ]) {
    const reply = await handler.ask(`/ipxe/why${query}`);

    assert.equal(reply.status, 200, query);
    assert.match(reply.body, /^#!ipxe\n/, query);
    assert.doesNotMatch(reply.body, /reboot/, query);
  }
});

test('/ipxe/why names a file whose last good version is in force, since the new one may be meant', async () => {
  await using handler = await startHandler();
  const since = '2026-01-02T03:04:05Z';
  const entry = {
    file: 'web1.json',
    fingerprint: '',
    state: 'ok',
    definition: sampleTarget(),
    faults: [],
    since,
  } as const;
  await saveState(handler.stateFile, { version: 1, entries: [{ ...entry, faults: [] }] });
  await saveDefinition(handler.vmsDir, { mac: '52:54:00:aa:bb:09', arch: 'amd64' });

  const { body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

  assert.match(
    body.replaceAll('\necho ', ' '),
    /Reason: web1\.json is not in force, an earlier version is: \/arch amd64 is none of/,
  );
});

test('/ipxe/why after a script that failed tells the wrong architecture, or that nothing is missing here', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { arch: 'aarch64' });
  await saveImage(handler.imagesDir, 'debian-12/aarch64');
  const ask = async (buildarch: string) => {
    const { body } = await handler.ask(`/ipxe/why?mac=52:54:00:aa:bb:01&buildarch=${buildarch}`);
    return body.split('\necho').slice(2, -2).join('').replaceAll('\n', '');
  };

  assert.equal(
    await ask('x86_64'),
    ' pxeboot_stack: web1 is defined for another architecture.' +
      ' Reason: arch is aarch64 in web1.json, and the iPXE of this VM is for x86_64' +
      ' To do: correct arch, or start the VM as such a machine',
  );
  const other =
    ' pxeboot_stack: the kernel or an initrd of web1 could not be loaded or started.' +
    ' Reason: nothing is missing here, what iPXE said of it stands above' +
    ' To do: look at the requests in the log of the container, if space has run out, give the VM more memory';
  assert.equal(await ask('arm64'), other);
  assert.equal(await ask('%0Areboot'), other);
});

test("a stray file full of faults does not push the VM's own file from the screen", async () => {
  await using handler = await startHandler();
  await writeFile(join(handler.vmsDir, 'a-stray.json'), '{}');
  for (const mac of ['5254.00AA.BB09', '52:54:0:aa:bb:9', '01-52-54-00-aa-bb-09']) {
    await saveDefinition(handler.vmsDir, { mac, arch: 'amd64' });

    const { body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

    assert.match(body, /is not defined\.\necho Reason: web1\.json is not in force: \/arch amd64 is none of/);
    assert.doesNotMatch(body, /no file in the vms directory/);
  }
});

test('a vms directory that cannot be listed is the reason, and no VM is called undefined', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await rm(handler.vmsDir, { recursive: true });

  const why = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');
  const boot = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');
  const seed = await handler.ask('/cloud-init/web1/meta-data');
  await mkdir(handler.vmsDir);
  await saveDefinition(handler.vmsDir);
  const back = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');

  assert.match(why.body, /^echo pxeboot_stack: the definitions of the VMs cannot be read\.$/m);
  assert.doesNotMatch(why.body, /not defined/);
  assert.deepEqual([boot.status, seed.status, back.status], [503, 503, 200]);
});

test('a request without a host that can be used is told that, and nothing of the definition', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);

  const body = await askAs(handler.host, 'a&&b', '/ipxe/why?mac=52:54:00:aa:bb:01');

  assert.match(body, /^echo pxeboot_stack: the request named no host that can be used\.$/m);
  assert.match(body, /^echo Reason: read the Host header: it a b is not host or host:port/m);
  assert.doesNotMatch(body, /definition|web1/);
  assert.match(body, /chain --replace --autofree http:\/\/\$\{next-server\}\/ipxe\?mac=52:54:00:aa:bb:01/);
});

for (const host of ['pxeboot_stack', 'provisioner.pvmlab.local.', '[fe80::1%25eth0]', '192.168.105.1:']) {
  test(`nothing is missing for a VM that asks ${host}`, async () => {
    await using handler = await startHandler();
    await saveDefinition(handler.vmsDir);
    await saveImage(handler.imagesDir);

    const body = await askAs(handler.host, host, '/ipxe/why?mac=52:54:00:aa:bb:01');

    assert.match(body, /nothing is missing for web1 now/);
    assert.match(await askAs(handler.host, host, '/ipxe?mac=52:54:00:aa:bb:01'), /installing debian-12 on web1/);
  });
}

test('a file that has the MAC and is not read is named as what it is', async () => {
  await using handler = await startHandler();
  const definition = definitionJson({ name: 'web7', mac: '52:54:0:aa:bb:9' });
  await writeFile(join(handler.vmsDir, 'Web7.JSON'), definition);
  await writeFile(join(handler.vmsDir, 'web7.json~'), definition);
  await writeFile(join(handler.vmsDir, 'web8.JSON'), definitionJson());

  const { body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

  const text = body.replaceAll('\necho ', ' ');
  assert.doesNotMatch(text, /no file in the vms directory|web8/);
  assert.match(
    text,
    /is not defined\. Reason: Web7\.JSON has this MAC, it looks like a definition and is not read: its name does not end in \.json To do: rename it to web7\.json Reason: web7\.json~ has this MAC, it is an older version, kept by an editor, of web7\.json, and is not read/,
  );
});

test('copies alone do not hide that there is no definition', async () => {
  await using handler = await startHandler();
  await writeFile(join(handler.vmsDir, 'web7.json~'), definitionJson({ name: 'web7', mac: '52:54:00:aa:bb:09' }));

  const { body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

  const text = body.replaceAll('\necho ', ' ');
  assert.match(text, /To do: save <?name>?\.json with mac: 52:54:00:aa:bb:09 there Reason: web7\.json~ has this MAC/);
});

test('a copy next to the definition does not lead to advice that destroys it', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await writeFile(join(handler.vmsDir, 'web1 2.json'), definitionJson({ mac: '52:54:00:aa:bb:09' }));

  const { body } = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:09');

  const text = body.replaceAll('\necho ', ' ');
  assert.match(
    text,
    /web1 2\.json is not in force: \/name web1 differs from the file name, which is a copy, made by a file manager/,
  );
  assert.match(text, /To do: keep in web1\.json what is right, and remove this file/);
  assert.doesNotMatch(text, /rename the file|set name/);
});

/** The body of an answer to a request with this Host header, which fetch does not let one choose. */
async function askAs(address: string, host: string, path: string): Promise<string> {
  const asked = request(`http://${address}${path}`, { headers: { host } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return text(response);
}
