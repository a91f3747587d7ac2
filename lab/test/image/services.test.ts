import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';

import { waitUntil } from '../../src/wait-until.ts';
import { requestLease } from './support/dhcp-client.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import { pidOf } from './support/processes.ts';
import type { HttpAnswer, TestStack } from './support/stack.ts';
import { createTestStack } from './support/stack.ts';

const services = ['dnsmasq', 'vm_watcher', 'boot_handler', 'nginx'];

describe('the services of the built image', imageSuite(), () => {
  let stack: TestStack;
  let client: TestClient;

  before(async () => {
    stack = await createTestStack();
    client = await stack.network.addClient('vm', '52:54:00:00:00:41');
  });

  afterEach(async () => {
    await stack.remove();
  });

  after(async () => {
    await stack.dispose();
  });

  async function kill(service: string): Promise<number> {
    const pid = await waitUntil(`${service} runs`, 20_000, () => pidOf(stack, service));
    await stack.exec(['sh', '-c', `kill -KILL ${pid}`]);
    return pid;
  }

  for (const service of services) {
    test(`${service}, killed, comes back and works`, async () => {
      await stack.startAndWait();

      const killed = await kill(service);

      await waitUntil(`${service} runs again`, 10_000, async () => {
        const pid = await pidOf(stack, service);
        return pid !== undefined && pid !== killed;
      });
      await stack.save('web1.json', {
        name: 'web1',
        role: 'target',
        arch: 'x86_64',
        mac: '52:54:00:00:00:41',
        ip: '192.168.105.41',
        distro: 'debian-12',
        pxeboot: true,
      });
      await waitUntil('all four work', 15_000, async () => {
        const lease = await requestLease(client).catch(() => undefined);
        const health = await stack.get('/healthz').catch(() => undefined);
        return lease?.['ip'] === '192.168.105.41' && health?.status === 200;
      });
      assert.match(await stack.logs(), new RegExp(`exited: ${service} \\(terminated by SIGKILL; not expected\\)`));
    });
  }

  test('while boot_handler is down the screen still gets a script that says so', async () => {
    await stack.startAndWait();
    const pid = await waitUntil('boot_handler runs', 20_000, () => pidOf(stack, 'boot_handler'));
    // Halted, supervisord does not start it again.
    await stack.exec(['sh', '-c', `kill -STOP $(cat /run/pxeboot/supervisord.pid); kill -KILL ${pid}`]);

    const why = await stack.get('/ipxe/why?mac=52:54:00:00:00:41');
    const config = await stack.get('/config/52:54:00:00:00:41');
    await assert.rejects(stack.exec(['/opt/pxeboot/healthcheck']), /exited with 1/);

    await stack.exec(['sh', '-c', 'kill -CONT $(cat /run/pxeboot/supervisord.pid)']);
    assertScriptOfNginx(why);
    assert.equal(config.status, 502);
    assert.match(config.body, /boot_handler does not answer/);
    assert.doesNotMatch(config.headers, /^retry-after:/m, 'iPXE would ask again and show nothing');
    await stack.untilServing();
    await stack.exec(['/opt/pxeboot/healthcheck']);
    const back = await stack.get('/ipxe/why?mac=52:54:00:00:00:99');
    assert.match(back.body, /^echo pxeboot_stack: this VM \(MAC 52:54:00:00:00:99\) is not defined\.$/m);
  });

  test('while boot_handler hangs the screen gets that script too, after a while', async () => {
    await stack.startAndWait();
    const pid = await waitUntil('boot_handler runs', 20_000, () => pidOf(stack, 'boot_handler'));
    await stack.exec(['sh', '-c', `kill -STOP ${pid}`]);

    const why = await stack.get('/ipxe/why?mac=52:54:00:00:00:41', ['-m', '20']);

    await stack.exec(['sh', '-c', `kill -CONT ${pid}`]);
    assertScriptOfNginx(why);
  });

  test('a service that dies again and again ends the container with status 1 and is named', async () => {
    await stack.startAndWait();
    const status = stack.exitStatus(90_000);
    for (let round = 0; round < 5; round++) {
      // A little more than supervisord's startsecs: it never counts such a program as FATAL.
      await kill('boot_handler');
      await new Promise((settle) => setTimeout(settle, 2500));
    }

    assert.equal(await status, 1);
    assert.match(
      await stack.logs(),
      /error entrypoint keep the services alive: boot_handler ended 5 times within 60 s/,
    );
  });

  test('a service that cannot start ends the container with status 1 and is named', async () => {
    await stack.start({ options: ['--tmpfs', '/opt/pxeboot/templates/boot_handler'] });

    assert.equal(await stack.exitStatus(60_000), 1);
    assert.match(await stack.logs(), /error entrypoint keep the services alive: boot_handler /);
  });

  test('a killed supervisord ends the container with status 1', async () => {
    await stack.startAndWait();

    await stack.exec(['sh', '-c', 'kill -KILL $(cat /run/pxeboot/supervisord.pid)']);

    assert.equal(await stack.exitStatus(20_000), 1);
    assert.match(await stack.logs(), /error entrypoint supervisord ended by itself/);
  });

  test('what killed processes leave behind is reaped', async () => {
    await stack.startAndWait();
    await kill('nginx');
    await stack.untilServing();

    const find = "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null || true";
    await waitUntil('no zombie is left', 5_000, async () => (await stack.exec(['sh', '-c', find])) === '');
  });
});

function assertScriptOfNginx({ status, body }: HttpAnswer): void {
  assert.equal(status, 200);
  assert.match(body, /^#!ipxe\n/);
  assert.match(body, /the service boot_handler does not answer this VM/);
}
