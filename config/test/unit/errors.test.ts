import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeError, describeErrorLines, HostError } from '../../kit/errors.ts';

const error = new HostError('start the container', { cause: new Error('it ended:\nline\tone\nline\u001btwo') });

test('an error is told with its causes in one line', () => {
  assert.equal(describeError(error), 'start the container: it ended: line one line two');
});

test('or in the lines of its messages, none of them with control characters', () => {
  assert.deepEqual(describeErrorLines(error), ['start the container: it ended:', 'line one', 'line two']);
});
