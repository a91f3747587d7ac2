import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { saveDefinition, saveImage, saveInspected, startHandler } from '../support/running-handler.ts';

test('/ipxe sends the whole install script, with URLs of the asked host', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);

  const reply = await handler.ask('/ipxe?mac=52-54-00-AA-BB-01');

  const host = `http://${handler.host}`;
  assert.deepEqual(reply, {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: `#!ipxe
# web1: install debian-12 (x86_64)
echo pxeboot_stack: installing debian-12 on web1
kernel ${host}/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64 initrd=initrd.magic console=ttyS0,115200 ip=dhcp config_url=${host}/config/52:54:00:aa:bb:01 installer_mac=52:54:00:aa:bb:01 rootfstype=ramfs || goto failed
initrd ${host}/initrds/x86_64/initrd.gz || goto failed
initrd ${host}/images/debian-12/x86_64/modules.cpio.gz || goto failed
boot || goto failed
:failed
echo pxeboot_stack: the kernel or an initrd could not be loaded or started
imgfree
chain --replace ${host}/ipxe/why?mac=52:54:00:aa:bb:01&buildarch=\${buildarch}
`,
  });
});

test('/ipxe sends the direct boot script to a VM without pxeboot', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { pxeboot: false });
  await saveImage(handler.imagesDir);

  const reply = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');

  const host = `http://${handler.host}`;
  assert.deepEqual(reply, {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: `#!ipxe
# web1: boot debian-12 (x86_64) from its disk with the distribution's own kernel
echo pxeboot_stack: starting debian-12 on web1
kernel ${host}/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64 initrd=initrd.magic root=LABEL=cloudimg-rootfs ro console=ttyS0,115200 || goto failed
initrd ${host}/images/debian-12/x86_64/initrd.img-6.1.0-56-cloud-amd64 || goto failed
boot || goto failed
:failed
echo pxeboot_stack: the kernel or the initrd could not be loaded or started
imgfree
chain --replace ${host}/ipxe/why?mac=52:54:00:aa:bb:01&buildarch=\${buildarch}
`,
  });
});

test('/ipxe refuses a request without, or with a malformed, MAC', async () => {
  await using handler = await startHandler();

  assert.deepEqual(await handler.ask('/ipxe'), {
    status: 400,
    type: 'text/plain; charset=utf-8',
    body: 'read the request: "mac" is missing; expected six hex pairs such as 52:54:00:12:34:56\n',
  });
  assert.deepEqual(await handler.ask('/ipxe?mac=52:54:00:zz:00:01'), {
    status: 400,
    type: 'text/plain; charset=utf-8',
    body: 'read the request: "52:54:00:zz:00:01" is not a MAC address; expected six hex pairs such as 52:54:00:12:34:56\n',
  });
});

test('/ipxe answers 404 to an unknown MAC and to the provisioner', async () => {
  await using handler = await startHandler();
  await saveImage(handler.imagesDir);
  await saveDefinition(handler.vmsDir, { name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:02', ip: '' });

  assert.deepEqual(await handler.ask('/ipxe?mac=52:54:00:aa:bb:09'), {
    status: 404,
    type: 'text/plain; charset=utf-8',
    body: 'find the VM with MAC "52:54:00:aa:bb:09": no definition has it; save <name>.json with "mac": "52:54:00:aa:bb:09"\n',
  });
  assert.deepEqual(await handler.ask('/ipxe?mac=52:54:00:aa:bb:02'), {
    status: 404,
    type: 'text/plain; charset=utf-8',
    body: 'boot "gate": it is the provisioner, which is never installed\n',
  });
});

test('/ipxe answers 409 with everything that is missing in the image directory', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { kernel: 'vmlinuz-7' });
  await saveImage(handler.imagesDir, 'debian-12/x86_64', ['vmlinuz-6']);

  assert.deepEqual(await handler.ask('/ipxe?mac=52:54:00:aa:bb:01'), {
    status: 409,
    type: 'text/plain; charset=utf-8',
    body: `boot "web1": images/debian-12/x86_64 has no "vmlinuz-7"; it has vmlinuz-6; correct "kernel", remove it to use the newest vmlinuz*, or put the file there
images/debian-12/x86_64 has no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar; put rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar there
images/debian-12/x86_64 has no modules.cpio.gz; put modules.cpio.gz there
`,
  });
});

test('/ipxe installs no image whose content cannot be installed, though its files are there; it boots it directly', async () => {
  await using handler = await startHandler();
  const faults = [{ problem: 'images/fedora-40/x86_64/rootfs.tar.gz is an HTML page', fix: 'fetch the image again' }];
  await saveInspected(handler.inspectedFile, { image: 'fedora-40/x86_64', faults });
  await saveDefinition(handler.vmsDir, { distro: 'fedora-40' });
  await saveDefinition(handler.vmsDir, {
    ...{ name: 'live', mac: '52:54:00:aa:bb:03', ip: '', distro: 'fedora-40', pxeboot: false },
  });
  await saveImage(handler.imagesDir, 'fedora-40/x86_64');

  assert.deepEqual(await handler.ask('/ipxe?mac=52:54:00:aa:bb:01'), {
    status: 409,
    type: 'text/plain; charset=utf-8',
    body: `boot "web1": images/fedora-40/x86_64/rootfs.tar.gz is an HTML page; fetch the image again
`,
  });
  const direct = await handler.ask('/ipxe?mac=52:54:00:aa:bb:03');
  assert.equal(direct.status, 200, direct.body);
  assert.match(direct.body, /\/images\/fedora-40\/x86_64\/vmlinuz-\S+ .*root=LABEL=cloudimg-rootfs/);
});

test('/ipxe refuses a kernel without modules where it is the one that boots, and no other', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);
  await saveInspected(handler.inspectedFile, { kernelsWithoutModules: ['vmlinuz-6.1.0-56-cloud-amd64'] });

  const refused = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');
  await saveInspected(handler.inspectedFile, { kernelsWithoutModules: ['vmlinuz-6.1.0-55-cloud-amd64'] });

  assert.deepEqual(refused, {
    status: 409,
    type: 'text/plain; charset=utf-8',
    body: 'boot "web1": images/debian-12/x86_64 has no modules for vmlinuz-6.1.0-56-cloud-amd64, neither with an index (modules.dep) in its root file system nor in modules.cpio.gz; use kernel, root file system and modules of one version\n',
  });
  assert.equal((await handler.ask('/ipxe?mac=52:54:00:aa:bb:01')).status, 200);
});

test('/ipxe installs what has not been inspected, whatever it is called, and what could not be', async () => {
  await using handler = await startHandler();
  const faults = [{ problem: 'is not known any more', fix: '' }];
  for (const distro of ['fedora-40', 'archlinux', 'rockylinux-9']) {
    await saveDefinition(handler.vmsDir, { distro });
    await saveImage(handler.imagesDir, `${distro}/x86_64`);
    for (const state of ['waiting', 'failed'] as const) {
      await saveInspected(handler.inspectedFile, { image: `${distro}/x86_64`, state, faults });
      assert.equal((await handler.ask('/ipxe?mac=52:54:00:aa:bb:01')).status, 200, `${distro} ${state}`);
    }
  }
  await writeFile(handler.inspectedFile, '{');
  assert.equal((await handler.ask('/ipxe?mac=52:54:00:aa:bb:01')).status, 200);
  assert.match(handler.logLines.join('\n'), /inspected images not used/);
});

test('a Host header that could break a line is refused', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);

  const [name = '', port = ''] = handler.host.split(':');
  const status = await new Promise((resolve, reject) => {
    const asked = request({ host: name, port, path: '/ipxe?mac=52:54:00:aa:bb:01', headers: { host: 'a;reboot' } });
    asked.on('response', (response) => resolve(response.statusCode));
    asked.on('error', reject);
    asked.end();
  });

  assert.equal(status, 400);
});

test('a value that the schema lets through but iPXE would not is refused and explained', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir, { install: { kernel_args: ['a=b;reboot'] } });
  await saveImage(handler.imagesDir);

  const reply = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');
  const why = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');

  assert.notEqual(reply.status, 200);
  assert.doesNotMatch(reply.body, /^#!ipxe/);
  assert.equal(why.status, 200);
  assert.doesNotMatch(why.body, /;/);
});

test('each request leaves one log line', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await saveImage(handler.imagesDir);

  await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');
  await handler.ask('/ipxe?mac=zz');

  assert.equal(handler.logLines.length, 2);
  assert.match(
    handler.logLines[0] ?? '',
    /^\S+Z info boot_handler ipxe sent mac=52:54:00:aa:bb:01 vm=web1 boot=install ms=\d+$/,
  );
  assert.match(
    handler.logLines[1] ?? '',
    /^\S+Z info boot_handler request refused status=400 method=GET url="\/ipxe\?mac=zz" reason=/,
  );
});

test('a directory that is there and cannot be read is 503: the reason is in the log, not in the body', async () => {
  await using handler = await startHandler();
  await saveDefinition(handler.vmsDir);
  await symlink('debian-12', join(handler.imagesDir, 'debian-12'));

  const reply = await handler.ask('/ipxe?mac=52:54:00:aa:bb:01');
  const why = await handler.ask('/ipxe/why?mac=52:54:00:aa:bb:01');

  assert.deepEqual(reply, {
    status: 503,
    type: 'text/plain; charset=utf-8',
    body: 'a file or device cannot be read; the log of boot_handler says which\n',
  });
  assert.match(
    handler.logLines[0] ?? '',
    /error boot_handler request failed status=503 .*list the image directory .*ELOOP/,
  );
  assert.equal(why.status, 200);
  assert.match(why.body, /^echo To do: look at the log of boot_handler$/m);
});
