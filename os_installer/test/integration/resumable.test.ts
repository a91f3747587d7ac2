import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostError, InputError } from '@pxeboot/config/errors';

import type { ResumeOptions } from '../../src/fetch/resumable.ts';
import { readResumable } from '../../src/fetch/resumable.ts';
import { serveFile } from './support/file-server.ts';

const content = randomBytes(300_000);

async function read(url: string, given: Partial<ResumeOptions> = {}): Promise<Buffer> {
  const patience = { stallMs: 2_000, giveUpMs: 10_000, goneMs: 10_000, retryMs: 10 };
  const options = { ...patience, onInterruption: () => undefined, ...given };
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
        'asked to go on at byte 1000 of version "1", length 300000, the server answered 200 with version "2"',
      ),
  );
});

for (const { what, fault, shown } of [
  { what: 'of another version', fault: { partEtag: '"2"' }, shown: 'version "2", length 300000 from byte 1000' },
  {
    what: 'of a file of another length',
    fault: { partTotal: 400_000 },
    shown: 'version "1", length 400000 from byte 1000',
  },
  { what: 'from a byte before it', fault: { partStart: 500 }, shown: 'version "1", length 300000 from byte 500' },
  { what: 'from a byte behind it', fault: { partStart: 1_001 }, shown: 'version "1", length 300000 from byte 1001' },
  { what: 'from the first byte', fault: { partStart: 0 }, shown: 'version "1", length 300000 from byte 0' },
]) {
  test(`a part ${what} is refused, whatever was asked for`, async (context) => {
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }, fault]);

    await assert.rejects(
      read(server.url),
      (error: unknown) =>
        error instanceof InputError &&
        error.message.includes(
          `asked to go on at byte 1000 of version "1", length 300000, the server answered 206 with ${shown}:`,
        ),
    );
    assert.equal(server.asked.length, 2);
  });
}

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

const yesterday = new Date(Date.now() - 86_400_000).toUTCString();

for (const etag of ['', 'W/"1"']) {
  const what = etag === '' ? 'without an ETag' : 'with a weak ETag';

  test(`${what} the date of the last change proves that it is the same file`, async (context) => {
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);
    Object.assign(server, { etag, lastModified: yesterday });

    assert.deepEqual(await read(server.url), content);
    assert.deepEqual(server.asked[1], ['bytes=1000-', yesterday]);
  });

  test(`${what} another date of the last change is another file`, async (context) => {
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);
    Object.assign(server, { etag, lastModified: yesterday });

    const reading = read(server.url, {
      onInterruption: () => {
        server.lastModified = new Date(Date.now() - 3_600_000).toUTCString();
      },
    });

    await assert.rejects(reading, /asked to go on at byte 1000 of version .*, the server answered 200 with version/);
  });

  for (const [date, lastModified] of [
    ['without a date', ''],
    ['with a date of this second', new Date(Date.now() + 600_000).toUTCString()],
  ]) {
    test(`${what} and ${date} nothing proves that the rest is of the same file`, async (context) => {
      const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);
      Object.assign(server, { etag, lastModified });

      await assert.rejects(
        read(server.url),
        (error: unknown) =>
          error instanceof InputError && error.message.includes('interrupted at byte 1000, and without a strong ETag'),
      );
      assert.equal(server.asked.length, 1);
    });
  }
}

test('an answer before the first byte needs no proof: nothing was read yet', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 0 }]);
  server.etag = '';

  assert.deepEqual(await read(server.url), content);
});

test('a server that does not say how long the file is is refused: a short one would pass for whole', async (context) => {
  const server = await serveFile(context, content);
  server.length = false;

  await assert.rejects(read(server.url), /the server answered 200 and does not say how long the file is$/);
});

for (const { what, headers, shown } of [
  { what: 'with its length', headers: { 'content-range': 'bytes */500' }, shown: 'version unknown, length 500' },
  { what: 'without a word about its length', headers: { 'content-length': '13' }, shown: 'no file' },
]) {
  test(`a file that is shorter now, which the server tells ${what}, is not gone on with`, async (context) => {
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }, { status: 416, headers }]);

    await assert.rejects(
      read(server.url),
      (error: unknown) =>
        error instanceof InputError &&
        error.message.includes(`the server answered 416 with ${shown}: the file changed`),
    );
  });
}

test('a connection that breaks when the last byte has come is not asked for what is behind it', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }, { breakAfter: 299_000 }, { status: 416 }]);
  const interruptions: number[] = [];

  const received = await read(server.url, {
    onInterruption: (_, offset) => {
      interruptions.push(offset);
      // So that only the connection's end ends the part.
      server.length = false;
    },
  });

  assert.deepEqual(received, content);
  assert.deepEqual(interruptions, [1_000]);
  assert.equal(server.asked.length, 2);
});

test('a file that is not there for a moment in the middle, as its file system is mounted, is gone on with', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }, { status: 404 }, { status: 403 }]);

  assert.deepEqual(await read(server.url), content);
  assert.deepEqual(server.asked[3], ['bytes=1000-', '"1"']);
});

test('the moment begins when the server is back, however long it was away', async (context) => {
  const away = Array.from({ length: 5 }, () => ({ status: 503 }));
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }, ...away, { status: 404 }]);

  assert.deepEqual(await read(server.url, { retryMs: 100, goneMs: 300 }), content);
});

for (const status of [403, 404]) {
  test(`a file that is answered with ${status} in the middle for longer is gone`, async (context) => {
    const forever = Array.from({ length: 1_000 }, () => ({ status }));
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }, ...forever]);

    await assert.rejects(
      read(server.url, { goneMs: 200 }),
      (error: unknown) =>
        error instanceof InputError &&
        error.message.includes(
          'interrupted at byte 1000, and for 200 ms the server has refused the rest; check that',
        ) &&
        error.cause instanceof HostError &&
        error.cause.message === `the server answered ${status}`,
    );
    assert.ok(server.asked.length > 3, `${server.asked.length} requests`);
  });
}

test('a redirection is refused', async (context) => {
  const server = await serveFile(context, content, [{ status: 302 }]);

  await assert.rejects(read(server.url), /the server answered 302; check that the file exists there$/);
});

test('who reads slowly, or does nothing else meanwhile, is no stall of the network', async (context) => {
  const server = await serveFile(context, content);
  const interruptions: string[] = [];
  const options = {
    stallMs: 500,
    giveUpMs: 1_000,
    goneMs: 1_000,
    retryMs: 10,
    onInterruption: (why: string) => interruptions.push(why),
  };
  let pauses = 0;

  for await (const chunk of readResumable(server.url, options)) {
    assert.ok(chunk.length > 0);
    pauses++;
    // As a slow disk does: the program waits in a write.
    if (pauses === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    if (pauses === 2) await sleep(1_500);
  }

  assert.ok(pauses > 2);
  assert.deepEqual(interruptions, []);
});

test('a slow reader whose connection breaks meanwhile has not waited for the network', async (context) => {
  const server = await serveFile(context, content, [{ breakAfter: 1_000 }]);
  const options = { stallMs: 500, giveUpMs: 1_000, goneMs: 1_000, retryMs: 10, onInterruption: () => undefined };
  let received = 0;

  for await (const chunk of readResumable(server.url, options)) {
    if (received === 0) await sleep(1_500);
    received += chunk.length;
  }

  assert.equal(received, content.length);
});
