import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { completeImage } from '@pxeboot/config/test/support/sample-image';
import { sampleKey } from '@pxeboot/config/test/support/sample-vm';

import { provisionerIp } from '../../src/decide/settings.ts';
import { requestLease } from './support/dhcp-client.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { HttpAnswer, TestStack } from './support/stack.ts';
import { createTestStack, parseAnswer } from './support/stack.ts';
import { forgetInspected } from './support/uninspected.ts';

const macs = { web1: '52:54:00:00:00:31', web2: '52:54:00:00:00:32', stranger: '52:54:00:00:00:66' };
const web1Ip = '192.168.105.11';
const [elsewhereServer, elsewhere] = ['10.99.0.1', '10.99.0.2'];
const finished = JSON.stringify({ seq: 40, at: '2026-01-02T03:04:05Z', step: 'install', state: 'finished' });

/** What SECURITY.md says a guest may do, from guests' own network namespaces. */
describe('what guests and strangers get of the built image', imageSuite(), () => {
  let stack: TestStack;
  let guests: Record<keyof typeof macs, TestClient>;

  const ask = async (guest: TestClient, path: string, ...options: string[]): Promise<HttpAnswer> => {
    const url = path.startsWith('http') ? path : `http://${provisionerIp}${path}`;
    return parseAnswer((await guest.run('curl', ['-sS', '-i', '--path-as-is', '-m', '30', ...options, url])).stdout);
  };
  const report = (guest: TestClient, mac: string, ...options: string[]): Promise<HttpAnswer> =>
    ask(guest, `/status/${mac}`, '--data-binary', finished, ...options);

  before(async () => {
    stack = await createTestStack();
    const common = { role: 'target', arch: 'x86_64', distro: 'debian-12', pxeboot: true, ssh_key: sampleKey };
    await stack.save('web1.json', { ...common, name: 'web1', mac: macs.web1, ip: web1Ip });
    await stack.save('web2.json', { ...common, name: 'web2', mac: macs.web2 });
    const directory = join(stack.images, 'debian-12/x86_64');
    await mkdir(directory, { recursive: true });
    for (const name of completeImage) await writeFile(join(directory, name), '');
    await stack.startAndWait();
    // The image's files are empty, which is enough as long as nobody looks into them.
    await forgetInspected(stack);
    const add = async (name: keyof typeof macs): Promise<TestClient> => stack.network.addClient(name, macs[name]);
    guests = { web1: await add('web1'), web2: await add('web2'), stranger: await add('stranger') };
    for (const guest of Object.values(guests)) await requestLease(guest);
  });

  after(async () => {
    await stack.dispose();
  });

  test('a VM gets its own seed and config, with an address of its definition and with a lease', async () => {
    for (const [name, mac] of [
      ['web1', macs.web1],
      ['web2', macs.web2],
    ] as const) {
      assert.equal((await ask(guests[name], `/cloud-init/${name}/user-data`)).status, 200, name);
      assert.equal((await ask(guests[name], `/config/${mac}`)).status, 200, name);
    }
  });

  test('another VM and a stranger do not, and are told which setting lets them', async () => {
    for (const guest of [guests.web2, guests.stranger]) {
      for (const path of ['/cloud-init/web1/user-data', '/cloud-init//web1/meta-data', `/config/${macs.web1}`]) {
        const { status, body } = await ask(
          guest,
          path,
          '-H',
          `X-Real-IP: ${web1Ip}`,
          '-H',
          `X-Forwarded-For: ${web1Ip}`,
        );
        assert.equal(status, 403, path);
        assert.match(
          body,
          /"web1": the request comes from 192\.168\.105\.\d+ \(a lease of MAC 52:54:00:00:00:\d+.*ADMIN_FROM/,
        );
        assert.doesNotMatch(body, /ssh-|status_token|hostname:/);
      }
    }
  });

  test("nobody but a VM ends its installation, or whoever has its config's token", async () => {
    assert.equal((await report(guests.stranger, macs.web1)).status, 403);
    assert.equal((await report(guests.web2, macs.web1)).status, 403);
    const before = JSON.parse((await ask(guests.stranger, '/api/vms/web1')).body) as { events: unknown[] };
    assert.deepEqual(before.events, []);

    const config = JSON.parse((await ask(guests.web1, `/config/${macs.web1}`)).body) as { status_token: string };
    const proof = ['-H', `Authorization: Bearer ${config.status_token}`];
    assert.equal((await report(guests.stranger, macs.web2, ...proof)).status, 403);
    assert.equal((await report(guests.stranger, macs.web1, ...proof)).status, 204);
    assert.equal((await report(guests.web1, macs.web1)).status, 204);
    assert.equal((await report(guests.web2, macs.web2)).status, 204);
  });

  test('boot_handler may read the leases', async () => {
    const asHandler = ['setpriv', '--reuid=pxeboot', '--regid=pxeboot', '--clear-groups', '--'];
    const leases = await stack.exec([...asHandler, 'cat', '/dev/shm/pxeboot/dnsmasq.leases']);

    for (const mac of Object.values(macs)) assert.ok(leases.includes(mac), leases);
  });

  test('a machine that gave itself an address is known by its MAC', async () => {
    await guests.web2.run('ip', ['address', 'flush', 'dev', 'eth0']);
    await guests.web2.run('ip', ['address', 'add', '192.168.105.77/24', 'dev', 'eth0']);

    assert.equal((await ask(guests.web2, '/cloud-init/web2/user-data')).status, 200);
    assert.equal((await ask(guests.web2, '/cloud-init/web1/user-data')).status, 403);
  });

  test('everybody on the private network reads the API, where no secret is', async () => {
    for (const path of ['/api/vms', '/api/vms/web1', '/api/images', '/api/lint', `/ipxe?mac=${macs.web1}`]) {
      const { status, body } = await ask(guests.stranger, path);
      assert.equal(status, 200, path);
      assert.doesNotMatch(body, /status_token|[0-9a-f]{16}\.[0-9a-f]{64}|BEGIN [A-Z ]*PRIVATE KEY/, path);
    }
  });

  test('the provisioner itself reads everything', async () => {
    assert.equal((await stack.get('/cloud-init/web1/user-data')).status, 200);
    assert.equal((await stack.get(`/config/${macs.web2}`)).status, 200);
  });

  test("on another interface of the host nobody is answered, whichever of the host's addresses is asked", async () => {
    const other = await addElsewhere(stack);

    const { status, body } = await ask(other, '/api/vms');
    assert.equal(status, 403);
    assert.match(body, /^answer 10\.99\.0\.2: this server is for 192\.168\.105\.0\/24; .* ADMIN_FROM /);
    for (const path of ['/images/debian-12/x86_64/', '/boot/boot.ipxe', `/config/${macs.web1}`])
      assert.equal((await ask(other, path)).status, 403, path);
    await assert.rejects(ask(other, `http://${elsewhereServer}/`), /exit status 7|Failed to connect|refused/);
  });
});

/** A machine on a network of its own, which the host is on as well. */
async function addElsewhere(stack: TestStack): Promise<TestClient> {
  const client = await stack.network.addClient('elsewhere', '52:54:00:00:00:99');
  await stack.network.run('ip', ['link', 'set', 'p-elsewhere', 'nomaster']);
  await stack.network.run('ip', ['address', 'add', `${elsewhereServer}/24`, 'dev', 'p-elsewhere']);
  await client.run('ip', ['address', 'add', `${elsewhere}/24`, 'dev', 'eth0']);
  await client.run('ip', ['route', 'add', 'default', 'via', elsewhereServer]);
  return client;
}
