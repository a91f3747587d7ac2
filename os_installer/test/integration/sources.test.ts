import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { HostError, InputError } from '@pxeboot/config/kit/errors';

import { fetchText } from '../../src/fetch/document.ts';
import { probeSources } from '../../src/probe/sources.ts';
import { rootTar, tarOf } from './support/sample-archive.ts';
import { configAt, sourcesServer } from './support/sources-server.ts';
import { serve } from './support/web-server.ts';

const present = ['rootfs.tar.gz', 'vmlinuz', 'meta-data', 'user-data', 'network-config', 'vendor-data'];

const sum = 'a'.repeat(64);

test('sources are the sizes of the tarball and the four files of the seed', async (context) => {
  const packed = gzipSync(rootTar);
  const url = await sourcesServer(context, packed);

  assert.deepEqual(await probeSources(configAt(url)), {
    rootfsBytes: packed.length,
    packing: 'gzip',
    unpackedBytes: rootTar.length,
    seed: ['meta-data', 'user-data', 'network-config', 'vendor-data'].map((name) => ({
      name,
      content: 'a text',
    })),
  });
});

test('without byte ranges the unpacked size stays unknown, and no more than the start of the tarball is fetched', async (context) => {
  let sent = 0;
  const start = gzipSync(tarOf({ './etc/': '', './etc/data': randomBytes(2 ** 21) }));
  const url = await serve(context, (request, response) => {
    const big = request.url === '/rootfs.tar.gz' && request.method === 'GET';
    const length = big || request.method === 'HEAD' ? 50_000_000 : 0;
    response.writeHead(request.url === '/SHA256SUMS' ? 404 : 200, { 'content-length': length });
    if (!big) {
      response.end();
      return;
    }
    response.write(start);
    const more = setInterval(() => response.write(Buffer.alloc(1_000)) && (sent += 1_000), 1);
    response.on('close', () => clearInterval(more));
  });

  const { packing, unpackedBytes } = await probeSources(configAt(url));

  assert.equal(packing, 'gzip');
  assert.equal(unpackedBytes, undefined);
  assert.ok(sent < 5_000_000, `${sent} bytes were sent`);
});

test('SHA256SUMS beside the tarball is read', async (context) => {
  const url = await sourcesServer(context, gzipSync(rootTar), { status: 200, text: `${sum}  rootfs.tar.gz\n` });

  assert.deepEqual([...((await probeSources(configAt(url))).checksums ?? [])], [['rootfs.tar.gz', sum]]);
});

for (const [what, sums, reason] of [
  [
    'is larger than any list of sums',
    { status: 200, text: '#'.repeat(2 ** 20 + 1) },
    /SHA256SUMS: it is larger than 1048576 bytes; write it with "sha256sum \*", or remove it/,
  ],
  ['is malformed', { status: 200, text: '<html>' }, /SHA256SUMS: line 1 "<html>" is none of sha256sum's/],
  ['the server refuses', { status: 403, text: 'no' }, /SHA256SUMS: the server answered 403: "no"/],
] as const) {
  test(`a SHA256SUMS that ${what} is known before anything is erased`, async (context) => {
    const url = await sourcesServer(context, gzipSync(rootTar), sums);

    await assert.rejects(
      probeSources(configAt(url)),
      (error: unknown) => error instanceof InputError && reason.test(error.message),
    );
  });
}

for (const missing of present) {
  test(`"${missing}" that the server lacks is known before anything is erased`, async (context) => {
    const url = await serve(context, (request, response) => {
      const body = request.url === '/rootfs.tar.gz' ? gzipSync(rootTar) : Buffer.from(' ');
      response.writeHead(request.url === `/${missing}` ? 404 : 200, { 'content-length': body.length });
      response.end(request.method === 'HEAD' ? undefined : body);
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

test('a server that is asked too often is asked again', async (context) => {
  const statuses = [429, 429, 200];
  const url = await serve(context, (_request, response) => {
    response.writeHead(statuses.shift() ?? 500).end('text');
  });

  assert.equal(await fetchText(url, { attempts: 3, pauseMs: 1 }), 'text');
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

for (const [what, headers, reason] of [
  ['does not tell the length of', { 'transfer-encoding': 'chunked' }, /the server does not say how long it is/],
  ['has an empty', { 'content-length': 0 }, /it is empty; fetch the image again/],
] as const) {
  test(`a server that ${what} kernel or tarball is known before anything is erased`, async (context) => {
    const url = await serve(context, (request, response) => {
      response.writeHead(request.url === '/SHA256SUMS' ? 404 : 200, request.method === 'HEAD' ? headers : {}).end();
    });

    const problem = await probeSources(configAt(url)).catch((error: unknown) => error);

    assert(problem instanceof InputError);
    for (const name of ['rootfs.tar.gz', 'vmlinuz']) {
      assert.match(problem.message, new RegExp(`fetch ${url}/${name}: ${reason.source}`));
    }
  });
}
