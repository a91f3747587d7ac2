import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';

import { debianRootFor, makeImage, tarOf } from '@pxeboot/config/test/support/root-archive';

import { provisionerIp } from '../../src/decide/settings.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { requestLease } from './support/dhcp-client.ts';
import { resolveName } from './support/dns.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import { readmeCommand, readmeReadOnlyOptions } from './support/readme-command.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack } from './support/stack.ts';

const web1 = {
  name: 'web1',
  role: 'target',
  arch: 'x86_64',
  mac: '52:54:00:00:00:21',
  ip: '192.168.105.21',
  distro: 'debian-12',
  pxeboot: true,
};

describe("the README's docker run, with a file system that nothing is written to", imageSuite(), () => {
  let stack: TestStack;
  let client: TestClient;

  before(async () => {
    stack = await createTestStack();
    client = await stack.network.addClient('vm', web1.mac);
    makeImage(join(stack.images, 'debian-12/x86_64'), { 'rootfs.tar.gz': gzipSync(tarOf(debianRootFor('x86_64'))) });
    await stack.docker(commandFor(stack));
    await stack.untilServing();
  });

  after(async () => {
    await stack.dispose();
  });

  test('a saved definition is published, and dnsmasq is told', async () => {
    await stack.save('web1.json', web1);

    await waitUntil('its name is known', 10_000, async () => {
      return (await resolveName(stack.network, 'web1.pvmlab.local')).join() === web1.ip;
    });
  });

  test('a client boots: DHCP, TFTP, DHCP as iPXE, TFTP, and HTTP up to the kernel and the initrds', async () => {
    const fetched = (file: string) =>
      client.run('busybox', ['tftp', '-g', '-r', file, '-l', '/dev/null', provisionerIp]);
    const firmware = await requestLease(client, { arch: 7 });
    await fetched(firmware['boot_file'] ?? firmware['bootfile'] ?? 'none');
    const ipxe = await requestLease(client, { arch: 7, ipxe: 'user-class' });
    await fetched(ipxe['boot_file'] ?? ipxe['bootfile'] ?? 'none');
    const { stdout: script } = await client.run('curl', ['-fsS', `http://${provisionerIp}/ipxe?mac=${web1.mac}`]);

    assert.deepEqual([firmware['ip'], ipxe['ip']], [web1.ip, web1.ip]);
    const urls = [...script.matchAll(/^(?:kernel|initrd) (http:\S+)/gm)].map(([, url = '']) => url);
    assert.equal(urls.length, 3, script);
    for (const url of urls) await client.run('curl', ['-fsS', '-o', '/dev/null', url]);
  });

  test('process 1 has the capabilities that are named and can get no others', async () => {
    const status = await stack.exec(['cat', '/proc/1/status']);

    // chown 0, kill 5, setgid 6, setuid 7, setpcap 8, net_bind_service 10, net_admin 12 (capability.h).
    assert.match(status, /^CapPrm:\t00000000000015e1$/m);
    assert.match(status, /^CapBnd:\t00000000000015e1$/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
  });

  test('nothing is written but in /run/pxeboot', async () => {
    await assert.rejects(stack.exec(['touch', '/run/file']), /Read-only file system/);
    await stack.exec(['touch', '/run/pxeboot/file']);
  });

  test('its log is limited, whatever driver the engine has by default', async () => {
    const { stdout } = await stack.docker(['inspect', '--format', '{{json .HostConfig.LogConfig}}', container]);

    assert.deepEqual(JSON.parse(stdout), { Type: 'json-file', Config: { 'max-file': '3', 'max-size': '10m' } });
    assert.ok(readmeCommand().includes('--log-driver'), 'journald, the default of some, refuses "max-size"');
  });

  test('docker stop ends it with status 0', async () => {
    await stack.docker(['stop', container]);

    assert.equal(await stack.exitStatus(5000), 0);
  });
});

/** The README's words, with this test's directories, container and image. */
function commandFor(stack: TestStack): string[] {
  const words = readmeCommand().map((word) =>
    word
      .replace('$PWD/vms', stack.vms)
      .replace('$PWD/images', stack.images)
      .replace(/^pxeboot_stack\b/, container),
  );
  return [...words.slice(0, -1), ...readmeReadOnlyOptions(), ...words.slice(-1)];
}
