import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLog } from '../../host/log.ts';

function lineOf(message: string): string {
  const lines: string[] = [];
  createLog('boot_handler', (line) => lines.push(line)).info('status', { message });
  return lines.join('\n').replace(/^\S+ info boot_handler status message=/, '');
}

test('a plain word stands as it is, other text in quotes', () => {
  assert.equal(lineOf('52:54:00:aa:bb:01'), '52:54:00:aa:bb:01');
  assert.equal(lineOf('größe'), 'größe');
  assert.equal(lineOf('a "b" = c\n'), '"a \\"b\\" = c\\n"');
});

test('no character of a value ends the line, turns it round or speaks to the terminal', () => {
  assert.equal(lineOf('a\u0085b\u2028c\u2029d'), '"a\\u{85}b\\u{2028}c\\u{2029}d"');
  assert.equal(lineOf('a\u009b31mb\u001b[0m'), '"a\\u{9b}31mb\\u001b[0m"');
  assert.equal(lineOf('gnp\u202etxt'), '"gnp\\u{202e}txt"');
});
