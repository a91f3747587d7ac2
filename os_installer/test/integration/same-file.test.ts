import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { serveFile } from './support/file-server.ts';
import { read } from './support/read.ts';

const content = randomBytes(300_000);

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
