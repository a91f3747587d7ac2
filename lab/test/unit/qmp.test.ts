import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shutdownReason } from '../../src/qmp.ts';

test('a guest that resets itself is told from one that switches off', () => {
  const event = (reason: string): string =>
    `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "${reason}"}}`;

  assert.equal(shutdownReason(event('guest-reset')), 'guest-reset');
  assert.equal(shutdownReason(event('guest-shutdown')), 'guest-shutdown');
});

test('other messages of QEMU give no reason', () => {
  for (const line of [
    '{"return": {}}',
    '{"event": "RESUME"}',
    '{"event": "SHUTDOWN"}',
    'null',
    '[]',
    '{"event": "SHUT',
  ]) {
    assert.equal(shutdownReason(line), undefined, line);
  }
});
