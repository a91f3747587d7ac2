import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { unpackLayer } from '../../../import/oci/unpack-layer.ts';
import { requirements } from './support/imported.ts';

const pieceBytes = 64 * 1024;
/** Larger than what pipes hold. */
const packed = gzipSync(randomBytes(400 * pieceBytes), { level: 1 });

for (const [title, bytes] of [
  ['gzip', packed],
  ['no packing', Buffer.concat([Buffer.alloc(512, 'x'), packed])],
  ['damaged gzip', Buffer.concat([packed.subarray(0, pieceBytes), Buffer.alloc(400 * pieceBytes)])],
] as const) {
  test(`a layer with ${title} is not read on when nobody wants the rest of it`, requirements, async () => {
    let [read, ended] = [0, false];
    async function* pieces(): AsyncGenerator<Buffer> {
      try {
        for (; read < bytes.length; read += pieceBytes) {
          await setImmediate();
          yield bytes.subarray(read, read + pieceBytes);
        }
      } finally {
        ended = true;
      }
    }

    for await (const chunk of unpackLayer(pieces(), new AbortController().signal)) {
      assert.ok(chunk.length > 0);
      break;
    }

    assert.ok(ended);
    assert.ok(read < bytes.length / 2, `${read} of ${bytes.length}`);
  });
}
