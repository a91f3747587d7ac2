import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { requestLease } from './support/dhcp-client.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { ServiceProcess } from './support/processes.ts';
import { processes } from './support/processes.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack, lab } from './support/stack.ts';

const mac = '52:54:00:00:00:21';
const web1 = { name: 'web1', role: 'target', arch: 'x86_64', ip: '192.168.105.21', distro: 'debian-12', pxeboot: true };

describe("the built image, started with pvmlab's command line", imageSuite(), () => {
  let stack: TestStack;
  let client: TestClient;

  before(async () => {
    stack = await createTestStack();
    client = await stack.network.addClient('vm', mac);
    await stack.startAndWait();
  });

  after(async () => {
    await stack.dispose();
  });

  test('docker load prints one line with the image name', async () => {
    // Since an earlier test it may be the name of the other architecture's image, which docker load would then mention.
    await stack.docker(['rmi', 'pxeboot_stack:latest']).catch(() => undefined);

    const { stdout } = await stack.docker(['load', '-i', lab.tarball], 120_000);

    assert.equal(stdout, 'Loaded image: pxeboot_stack:latest');
  });

  test('each service runs as its own user with no more capabilities than it needs', async () => {
    const running = (await processes(stack)).filter(({ user }) => user !== 'root');

    const isWorker = ({ command }: ServiceProcess): boolean => command === 'nginx: worker process';
    const [worker, ...others] = running.filter(isWorker);
    const asTheirMaster = { user: 'www-data', capabilities: '0000000000000400', noNewPrivileges: true };
    assert.deepEqual(worker, { command: 'nginx: worker process', ...asTheirMaster });
    for (const other of others) assert.deepEqual(other, worker);
    assert.deepEqual(
      running.filter((each) => !isWorker(each)),
      [
        { command: 'boot_handler', user: 'pxeboot', capabilities: '0000000000000000', noNewPrivileges: true },
        // net_bind_service, net_admin: 1 << 10, 1 << 12 (capability.h). It gives up net_raw, which only a ping needs.
        { command: 'dnsmasq', user: 'dnsmasq', capabilities: '0000000000001400', noNewPrivileges: true },
        { command: 'image-inspector', user: 'pxeboot', capabilities: '0000000000000000', noNewPrivileges: true },
        { command: 'nginx: master process', user: 'www-data', capabilities: '0000000000000400', noNewPrivileges: true },
        // kill: 1 << 5, for the SIGHUP to dnsmasq.
        { command: 'vm_watcher', user: 'vm_watcher', capabilities: '0000000000000020', noNewPrivileges: true },
      ],
    );
  });

  test('root runs the entry point and what starts the services, nothing else', async () => {
    const running = await processes(stack);

    assert.deepEqual(
      running.filter(({ user }) => user === 'root').map(({ command }) => command),
      ['entrypoint', 'supervisord', 'tini'],
    );
  });

  test('no service can write what another one writes, nor what the entry point writes', async () => {
    const writable = async (user: string, ...groups: string[]): Promise<string[]> => {
      const rights = [`--reuid=${user}`, ...groups, '--no-new-privs', '--bounding-set=-all', '--'];
      const find = ['find', '/run/pxeboot', '/dev/shm/pxeboot', '-writable', '!', '-type', 's'];
      const found = await stack.exec(['setpriv', ...rights, 'sh', '-c', `${find.join(' ')} 2>/dev/null || true`]);
      return found.split('\n').sort();
    };
    const dnsmasq = await writable('dnsmasq', '--regid=nogroup', '--clear-groups');
    const watcher = await writable('vm_watcher', '--regid=vm_watcher', '--clear-groups');
    const handler = await writable('pxeboot', '--regid=pxeboot', '--clear-groups');
    const nginx = await writable('www-data', '--regid=www-data', '--groups=pxeboot');

    // Its leases it has open; it opened them as root.
    assert.deepEqual(dnsmasq, ['/run/pxeboot/dnsmasq/dnsmasq.pid']);
    const ownDirectories = (paths: readonly string[]) => [...new Set(paths.map((path) => path.split('/')[3]))];
    assert.ok(watcher.includes('/run/pxeboot/watcher/vms.json'), watcher.join('\n'));
    assert.deepEqual(ownDirectories(watcher), ['watcher']);
    assert.deepEqual(ownDirectories(handler), ['boot_handler', 'inspector']);
    assert.deepEqual(ownDirectories(nginx), ['nginx']);
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
      / info image-inspector /,
      / info nginx GET /,
    ]) {
      assert.match(log, line);
    }
  });

  test('on its disk nothing is written outside /run/pxeboot, nor into the image directory', async () => {
    await requestLease(client);
    await stack.save('web1.json', { ...web1, mac });
    await waitUntil('a status event is taken', 10_000, async () => (await postStatus(stack)) === 204);
    await client.run('busybox', ['tftp', '-g', '-r', 'ipxe-arm64.efi', '-l', '/dev/null', provisionerIp]);

    const { stdout } = await stack.docker(['diff', container]);

    const changes = stdout.split('\n');
    assert.ok(changes.includes('A /run/pxeboot/watcher/vms.json'), stdout);
    assert.deepEqual(
      changes.filter((line) => !/^(C \/run|[AC] \/run\/pxeboot(\/.*)?)$/.test(line)),
      [],
    );
    assert.deepEqual(await readdir(stack.images), []);
  });

  test('the health check turns healthy', async () => {
    await waitUntil('the container is healthy', 30_000, async () => {
      const { stdout } = await stack.docker(['inspect', '--format', '{{.State.Health.Status}}', container]);
      return stdout.trim() === 'healthy';
    });
  });

  test('docker stop ends it within 5 s with status 0, while a VM downloads its image', async () => {
    await writeFile(join(stack.images, 'rootfs.tar.gz'), Buffer.alloc(50_000_000));
    const url = `http://${provisionerIp}/images/rootfs.tar.gz`;
    const download = await stack.network.startInBackground('curl', [
      '-sS',
      '--limit-rate',
      '100k',
      '-o',
      '/dev/null',
      url,
    ]);
    const { ms } = await stack.docker(['stop', container]);

    assert.ok(ms < 5000, `took ${ms} ms`);
    assert.equal(await stack.exitStatus(5000), 0);
    assert.match(await stack.logs(), /info entrypoint stopped$/m);
    await download.stop();
  });

  test('a stopped container starts again', async () => {
    await stack.docker(['start', container]);

    await stack.untilServing();
  });
});

/** The status of the answer. */
async function postStatus(stack: TestStack): Promise<number> {
  const event = { seq: 1, at: '2026-01-02T03:04:05.000Z', step: 'network', state: 'started' };
  const post = ['-X', 'POST', '-H', 'content-type: application/json', '--data', JSON.stringify(event)];
  return (await stack.get(`/status/${mac}`, post)).status;
}
