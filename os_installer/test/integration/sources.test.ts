import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HostError, InputError } from '@pxeboot/config/errors';

import { fetchText } from '../../src/fetch/document.ts';
import { probeHardware, probeSources } from '../../src/probe.ts';
import { config } from '../unit/machine.ts';
import { serve } from './support/web-server.ts';

const present = ['rootfs.tar.gz', 'vmlinuz', 'meta-data', 'user-data', 'network-config', 'vendor-data'];

function configAt(url: string): typeof config {
  return { ...config, rootfs_url: `${url}/rootfs.tar.gz`, kernel_url: `${url}/vmlinuz`, cloud_init_url: url };
}

test('sources are the length of the tarball and the four files of the seed', async (context) => {
  const url = await serve(context, (request, response) => {
    response.setHeader('content-length', '10');
    response.end(request.method === 'HEAD' ? undefined : '0123456789');
  });

  assert.deepEqual(await probeSources(configAt(url)), {
    rootfsBytes: 10,
    seed: ['meta-data', 'user-data', 'network-config', 'vendor-data'].map((name) => ({ name, content: '0123456789' })),
  });
});

for (const missing of present) {
  test(`"${missing}" that the server lacks is known before anything is erased`, async (context) => {
    const url = await serve(context, (request, response) => {
      response.writeHead(request.url === `/${missing}` ? 404 : 200).end();
    });

    await assert.rejects(
      probeSources(configAt(url)),
      (error: unknown) =>
        error instanceof InputError && error.message.startsWith(`fetch ${url}/${missing}: the server answered 404`),
    );
  });
}

test('everything that the server lacks is named at once', async (context) => {
  const url = await serve(context, (request, response) => {
    response.writeHead(request.url === '/user-data' ? 200 : 404).end();
  });

  const problem = await probeSources(configAt(url)).catch((error: unknown) => error);

  assert(problem instanceof InputError);
  for (const name of present) assert.equal(problem.message.includes(`${url}/${name}:`), name !== 'user-data', name);
});

test('a server in trouble is asked again, then named with its last answer', async (context) => {
  let asked = 0;
  const url = await serve(context, (_request, response) => {
    asked++;
    response.writeHead(502).end('bad gateway');
  });

  await assert.rejects(
    fetchText(url, { attempts: 3, pauseMs: 1 }),
    (error: unknown) =>
      error instanceof HostError &&
      error.message === `fetch ${url}: no answer after 3 attempts` &&
      error.cause instanceof Error &&
      error.cause.message === 'the server answered 502: "bad gateway"',
  );
  assert.equal(asked, 3);
});

test('the hardware is read without loops and RAM disks; a hint that names nothing is left out', async () => {
  const facts = await probeHardware('/dev/no-such-disk');

  assert.ok(facts.disks.every(({ name, sizeBytes }) => !name.startsWith('loop') && Number.isSafeInteger(sizeBytes)));
  assert.equal(facts.hintedDisk, undefined);
  assert.ok(facts.memoryBytes > 0);
});
