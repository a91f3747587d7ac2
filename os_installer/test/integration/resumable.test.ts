import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostError, InputError } from '@pxeboot/config/kit/errors';

import { readResumable } from '../../src/fetch/resumable.ts';
import { serveFile } from './support/file-server.ts';
import { read } from './support/read.ts';

const content = randomBytes(300_000);

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

for (const { what, fault, reason } of [
  { what: 'ended', fault: { breakAfter: 1_000 }, reason: /other side closed/ },
  { what: 'reset', fault: { resetAfter: 1_000 }, reason: /ECONNRESET/ },
]) {
  test(`a connection that is ${what} goes on, and why is told`, async (context) => {
    const server = await serveFile(context, content, [fault]);
    const interruptions: { why: string; offset: number }[] = [];

    const received = await read(server.url, { onInterruption: (why, offset) => interruptions.push({ why, offset }) });

    assert.deepEqual(received, content);
    assert.deepEqual(
      interruptions.map(({ offset }) => offset),
      [1_000],
    );
    assert.match(interruptions[0]?.why ?? '', reason);
    assert.deepEqual(server.asked[1], ['bytes=1000-', '"1"']);
  });
}

test('a server that is overloaded for a while is asked again', async (context) => {
  const server = await serveFile(context, content, [{ status: 503 }, { breakAfter: 1_000 }, { status: 502 }]);

  assert.deepEqual(await read(server.url), content);
});

test('a connection that stalls is given up and resumed', async (context) => {
  const server = await serveFile(context, content, [{ stallAfter: 1_000 }]);

  assert.deepEqual(await read(server.url, { stallMs: 1_000 }), content);
  assert.deepEqual(server.asked[1], ['bytes=1000-', '"1"']);
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

test('a server that does not say how long the file is is refused: a short one would pass for whole', async (context) => {
  const server = await serveFile(context, content);
  server.length = false;

  await assert.rejects(read(server.url), /the server answered 200 and does not say how long the file is$/);
});

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

for (const trouble of [503, 404]) {
  test(`a clock that is put on while the server answers ${trouble} ends no download`, async (context) => {
    const server = await serveFile(context, content, [{ breakAfter: 1_000 }, { status: trouble }, { status: trouble }]);
    const timeOfDay = Date.now.bind(Date);
    let stepMs = 0;
    context.mock.method(Date, 'now', () => timeOfDay() + stepMs);

    const received = await read(server.url, { onInterruption: () => (stepMs += 3_600_000) });

    assert.deepEqual(received, content);
    assert.equal(stepMs, 3 * 3_600_000);
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
