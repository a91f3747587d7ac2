import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planOpenFiles } from '../../../container/decide/open-files.ts';

function limits(soft: string, hard: string): string {
  return `Limit                     Soft Limit           Hard Limit           Units
Max core file size        unlimited            unlimited            bytes
Max open files            ${soft.padEnd(20)} ${hard.padEnd(20)} files
Max locked memory         8388608              8388608              bytes
`;
}

test('a low soft limit is raised as far as is of use', () => {
  assert.deepEqual(planOpenFiles(limits('1024', '524288')), { limit: 16_384, connections: 4096 });
});

test('a huge limit is lowered', () => {
  assert.deepEqual(planOpenFiles(limits('1073741816', '1073741816')), { limit: 16_384, connections: 4096 });
  assert.deepEqual(planOpenFiles(limits('unlimited', 'unlimited')), { limit: 16_384, connections: 4096 });
});

test('under a low hard limit nginx asks for no more connections than it can have', () => {
  assert.deepEqual(planOpenFiles(limits('1024', '1024')), { limit: 1024, connections: 512 });
});

test('a text without that limit is an error', () => {
  assert.throws(() => planOpenFiles('Limit\n'), /it has no line "Max open files"/);
});
