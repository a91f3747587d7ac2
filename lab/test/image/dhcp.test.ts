import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { provisionerIp } from '../../src/decide/settings.ts';
import { waitUntil } from '../../src/wait-until.ts';
import type { LeaseRequest } from './support/dhcp-client.ts';
import { requestLease } from './support/dhcp-client.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestClient } from './support/network.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack } from './support/stack.ts';

// RFC 4578 and RFC 5970, client system architectures.
const bootFiles: { what: string; request: LeaseRequest; file: string | undefined }[] = [
  { what: 'x86-64 firmware (7)', request: { arch: 7 }, file: 'ipxe-x86_64.efi' },
  { what: 'x86-64 firmware (9)', request: { arch: 9 }, file: 'ipxe-x86_64.efi' },
  { what: 'arm64 firmware (11)', request: { arch: 11 }, file: 'ipxe-arm64.efi' },
  {
    what: 'x86-64 firmware over HTTP (16)',
    request: { arch: 16 },
    file: `http://${provisionerIp}/boot/ipxe-x86_64.efi`,
  },
  { what: 'arm64 firmware over HTTP (19)', request: { arch: 19 }, file: `http://${provisionerIp}/boot/ipxe-arm64.efi` },
  { what: 'iPXE by its user class', request: { arch: 7, ipxe: 'user-class' }, file: 'boot.ipxe' },
  { what: 'iPXE by its option 175', request: { arch: 11, ipxe: 'option-175' }, file: 'boot.ipxe' },
  { what: 'an operating system', request: {}, file: undefined },
];

describe('DHCP and TFTP of the built image', imageSuite(), () => {
  let stack: TestStack;
  let client: TestClient;

  before(async () => {
    stack = await createTestStack();
    client = await stack.network.addClient('vm', '52:54:00:00:00:31');
    await stack.startAndWait();
  });

  after(async () => {
    await stack.dispose();
  });

  for (const { what, request, file } of bootFiles) {
    test(`${what} is given ${file ?? 'no boot file'}`, async () => {
      const lease = await requestLease(client, request);

      assert.equal(lease['boot_file'] ?? lease['bootfile'], file);
      if (file !== undefined) assert.equal(lease['siaddr'], provisionerIp);
    });
  }

  test('HTTP boot firmware finds its vendor class in the answer, PXE firmware does not', async () => {
    const http = await requestLease(client, { arch: 16 });
    const pxe = await requestLease(client, { arch: 7 });

    assert.equal(http['vendor'], 'HTTPClient');
    assert.notEqual(pxe['vendor'], 'HTTPClient');
  });

  test('an unknown MAC gets an address of the last quarter of the range, with router, DNS server, domain, for an hour', async () => {
    const lease = await requestLease(client);

    assert.match(lease['ip'] ?? '', /^192\.168\.105\.1(?:7[5-9]|[89]\d)$/);
    const { router, dns, domain, lease: seconds, subnet } = lease;
    assert.deepEqual(
      { router, dns, domain, seconds, subnet },
      { router: provisionerIp, dns: provisionerIp, domain: 'pvmlab.local', seconds: '3600', subnet: '255.255.255.0' },
    );
  });

  test('firmware, iPXE and system with other client identifiers get the same address', async () => {
    const firmware = await requestLease(client, { arch: 7 });
    const ipxe = await requestLease(client, { arch: 7, ipxe: 'user-class', clientId: '01525400000031' });
    const system = await requestLease(client, { clientId: 'ff00000001000102030405060708090a0b' });

    assert.deepEqual([ipxe['ip'], system['ip']], [firmware['ip'], firmware['ip']]);
  });

  test('TFTP serves both iPXE binaries and the scripts', async () => {
    await requestLease(client);

    for (const file of ['ipxe-x86_64.efi', 'ipxe-arm64.efi']) {
      assert.equal((await fetchByTftp(client, file)).subarray(0, 2).toString(), 'MZ', file);
    }
    const boot = (await fetchByTftp(client, 'boot.ipxe')).toString();
    const autoexec = (await fetchByTftp(client, 'autoexec.ipxe')).toString();
    assert.match(boot, /^#!ipxe\n/);
    assert.equal(autoexec, boot);
  });

  for (const file of ['../../etc/passwd', '/etc/passwd', 'nothing.efi']) {
    test(`TFTP refuses ${file}`, async () => {
      await requestLease(client);

      await assert.rejects(fetchByTftp(client, file), /File not found|file not found|server error/i);
    });
  }

  test('what a guest asks of TFTP forges no line of the log and sends its reader no escape', async () => {
    await requestLease(client);

    await assert.rejects(fetchByTftp(client, 'a\n2026-01-01T00:00:00.000Z warn forged \x1b[2J'), /not found/i);
    const logs = await waitUntil('it is logged', 10_000, async () => {
      const all = await stack.logs();
      return all.includes('warn forged') && all;
    });

    assert.doesNotMatch(logs, /^2026-01-01T/m);
    assert.ok(!logs.includes('\x1b'), logs);
  });
});

async function fetchByTftp(client: TestClient, file: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'tftp-'));
  try {
    const local = join(directory, 'file');
    await client.run('busybox', ['tftp', '-g', '-r', file, '-l', local, provisionerIp]);
    return await readFile(local);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
