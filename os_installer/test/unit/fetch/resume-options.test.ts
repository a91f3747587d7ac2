import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defaultResumeOptions } from '../../../src/fetch/resumable.ts';

test('a connection is given up when no byte came for 30 s, and the next one resumes', () => {
  assert.equal(defaultResumeOptions.stallMs, 30 * 1_000);
});

test('a download gives up after 10 minutes without a byte', () => {
  assert.equal(defaultResumeOptions.giveUpMs, 10 * 60 * 1_000);
});

test('a file that is gone in the middle of its transfer is waited for 60 s', () => {
  assert.equal(defaultResumeOptions.goneMs, 60 * 1_000);
});

test('a pause between two attempts is short beside the time that a file may be gone', () => {
  assert.ok(defaultResumeOptions.retryMs > 0 && defaultResumeOptions.retryMs * 10 <= defaultResumeOptions.goneMs);
});
