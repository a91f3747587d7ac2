import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { HostError, InputError } from '@pxeboot/config/errors';

import type { ResumeOptions } from '../../src/fetch/resumable.ts';
import { readResumable } from '../../src/fetch/resumable.ts';
import { serveFile } from './support/file-server.ts';

const content = randomBytes(300_000);

async function read(url: string, given: Partial<ResumeOptions> = {}): Promise<Buffer> {
  const options = { stallMs: 2_000, giveUpMs: 10_000, retryMs: 10, onInterruption: () => undefined, ...given };
  const chunks: Uint8Array[] = [];
  for await (const chunk of readResumable(url, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('an undisturbed transfer asks once, for all', async (context) => {
  const server = await serveFile(context, content);

  assert.deepEqual(await read(server.url), content);
  assert.deepEqual(server.asked, [[undefined, undefined]]);
});

test('a broken connection goes on at the exact byte, of the same file only', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 100_000 }, { breakAfter: 50_000 }]);
  const interruptions: number[] = [];

  const received = await read(server.url, { onInterruption: (_, offset) => interruptions.push(offset) });

  assert.deepEqual(received, content);
  assert.deepEqual(interruptions, [100_000, 150_000]);
  assert.deepEqual(server.asked, [
    [undefined, undefined],
    ['bytes=100000-', '"1"'],
    ['bytes=150000-', '"1"'],
  ]);
});

test('a server that is overloaded for a while is asked again', async (context) => {
  const server = await serveFile(context, content, [{ status: 503 }, { breakAfter: 1_000 }, { status: 502 }]);

  assert.deepEqual(await read(server.url), content);
});

test('a connection that stalls is given up and resumed', async (context) => {
  const server = await serveFile(context, content, [{ stallAfter: 1_000 }]);

  assert.deepEqual(await read(server.url, { stallMs: 1_000 }), content);
  assert.deepEqual(server.asked[1], ['bytes=1000-', '"1"']);
});

test('a file that changes in between is refused', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);

  const reading = read(server.url, {
    onInterruption: () => {
      server.etag = '"2"';
    },
  });

  await assert.rejects(
    reading,
    (error: unknown) =>
      error instanceof InputError &&
      error.message.includes(
        'asked to go on at byte 1000 of ETag "1", length 300000, the server answered 200 with ETag "2"',
      ),
  );
});

test('a server without byte ranges is refused when the connection breaks', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);
  server.ranges = false;

  await assert.rejects(read(server.url), /or the server has no byte ranges; start the installation again/);
});

test('a missing file is refused at once', async (context) => {
  const server = await serveFile(context, content, [{ status: 404 }]);

  await assert.rejects(
    read(server.url),
    (error: unknown) => error instanceof InputError && error.message.includes('the server answered 404'),
  );
  assert.equal(server.asked.length, 1);
});

test('a server that stays away is given up, with the last interruption as the cause', async (context) => {
  const server = await serveFile(
    context,
    content,
    Array.from({ length: 200 }, () => ({ status: 503 })),
  );

  await assert.rejects(
    read(server.url, { giveUpMs: 200 }),
    (error: unknown) =>
      error instanceof HostError &&
      error.message.includes('no byte for 200 ms at offset 0') &&
      error.cause instanceof HostError &&
      error.cause.message === 'the server answered 503',
  );
});
