import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createEventTrust } from '../../src/decide/event-trust.ts';

const unchanged = { directoryChanged: false, lastLookMs: 9000, changedPasses: 3 };

test('a directory that changed since the last look without an event since then breaks the trust', () => {
  const trust = createEventTrust();
  trust.noteEvent(8999);

  const since = trust.silenceToJudge({ ...unchanged, directoryChanged: true });

  assert.equal(since, 9000);
  assert.ok(trust.silentSince(9000));
  trust.noteEvent(9000);
  assert.ok(!trust.silentSince(9000));
});

test('a rescan that finds a change without an event before it breaks the trust, once', () => {
  const trust = createEventTrust();
  trust.noteEvent(1000);
  trust.noteRescan(30_000, 2);

  assert.equal(trust.silenceToJudge(unchanged), 28_000);
  assert.equal(trust.silenceToJudge(unchanged), undefined);
});

test('a rescan that finds nothing, and a directory that stays, prove nothing', () => {
  const trust = createEventTrust();
  trust.noteRescan(30_000, 3);

  assert.equal(trust.silenceToJudge(unchanged), undefined);
});

test('before the first event of a new watch silence means nothing', () => {
  const trust = createEventTrust();
  trust.noteEvent(1);
  trust.restart();

  assert.ok(!trust.silentSince(1_000_000));
});
