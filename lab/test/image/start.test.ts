import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { provisionerIp } from '@pxeboot/lab/settings';
import { waitUntil } from '@pxeboot/lab/wait-until';

import { processes } from './support/processes.ts';
import { imageSuite } from './support/requirements.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack, lab } from './support/stack.ts';

describe("the built image, started with pvmlab's command line", imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
    await stack.startAndWait();
  });

  after(async () => {
    await stack.dispose();
  });

  test('docker load prints one line with the image name', async () => {
    const { stdout } = await stack.docker(['load', '-i', lab.tarball], 120_000);

    assert.equal(stdout, 'Loaded image: pxeboot_stack:latest');
  });

  test('each service runs as its own user with no more capabilities than it needs', async () => {
    const running = await processes(stack);

    assert.deepEqual(
      running.filter(({ command }) => command !== 'nginx: worker process'),
      [
        { command: 'boot_handler', user: 'pxeboot', capabilities: '0000000000000000', noNewPrivileges: true },
        // net_bind_service, net_admin, net_raw: 1 << 10, 1 << 12, 1 << 13 (capability.h).
        { command: 'dnsmasq', user: 'dnsmasq', capabilities: '0000000000003400', noNewPrivileges: true },
        { command: 'nginx: master process', user: 'www-data', capabilities: '0000000000000400', noNewPrivileges: true },
        { command: 'vm_watcher', user: 'dnsmasq', capabilities: '0000000000000000', noNewPrivileges: true },
      ],
    );
  });

  test('nothing listens but DNS, DHCP, TFTP and HTTP, on the private interface', async () => {
    const { stdout } = await stack.network.run('ss', ['-Hlntu']);

    const listeners = stdout.split('\n').map((line) => {
      const [protocol = '', , , , local = ''] = line.trim().split(/\s+/);
      return `${protocol} ${local.replace(/\[fe80::[^\]]*\]%pxe0/, 'LINKLOCAL')}`;
    });
    assert.deepEqual(listeners.sort(), [
      `tcp ${provisionerIp}:53`,
      `tcp ${provisionerIp}:80`,
      'tcp LINKLOCAL:53',
      'udp 0.0.0.0%pxe0:67',
      `udp ${provisionerIp}:53`,
      `udp ${provisionerIp}:69`,
      'udp LINKLOCAL:53',
      'udp LINKLOCAL:69',
    ]);
  });

  test('the log shows every service', async () => {
    await stack.get('/boot/');

    const log = await stack.logs();

    for (const line of [
      / info entrypoint /,
      /^dnsmasq\[/m,
      / info vm_watcher /,
      / info boot_handler /,
      / info nginx GET /,
    ]) {
      assert.match(log, line);
    }
  });

  test('Python finds its modules compiled: a start writes none', async () => {
    const { stdout } = await stack.docker(['diff', container]);

    assert.match(stdout, /^A \/run\/pxeboot\//m);
    assert.doesNotMatch(stdout, /__pycache__/);
  });

  test('the health check turns healthy', async () => {
    await waitUntil('the container is healthy', 30_000, async () => {
      const { stdout } = await stack.docker(['inspect', '--format', '{{.State.Health.Status}}', container]);
      return stdout.trim() === 'healthy';
    });
  });

  test('docker stop ends it within 5 s with status 0', async () => {
    const { ms } = await stack.docker(['stop', container]);

    assert.ok(ms < 5000, `took ${ms} ms`);
    assert.equal(await stack.exitStatus(5000), 0);
    assert.match(await stack.logs(), /info entrypoint stopped$/m);
  });

  test('a stopped container starts again', async () => {
    await stack.docker(['start', container]);

    await stack.untilServing();
  });
});
