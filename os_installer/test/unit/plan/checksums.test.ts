import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { checksumOf, directoryOf, parseChecksums, requireChecksum } from '../../../src/plan/checksums.ts';

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const url = 'http://h/images/debian-12/x86_64/rootfs.tar.gz';

function refusal(text: string): string {
  try {
    parseChecksums('http://h/SHA256SUMS', text);
  } catch (error) {
    assert(error instanceof InputError);
    return error.message;
  }
  return assert.fail('the list was accepted');
}

test('what sha256sum writes is read, in text and in binary mode, with paths of this directory', () => {
  const text = `# made today\n${a}  rootfs.tar.gz\n${b.toUpperCase()} *vmlinuz-6.1\n\n${b}  ./modules.cpio.gz\r\n`;

  assert.deepEqual(
    [...parseChecksums('list', text)],
    [
      ['rootfs.tar.gz', a],
      ['vmlinuz-6.1', b],
      ['modules.cpio.gz', b],
    ],
  );
});

for (const [what, line] of [
  ['a sum that is too short', `${a.slice(1)}  rootfs.tar.gz`],
  ['a sum without a name', a],
  ['one space only', `${a} rootfs.tar.gz`],
  ['a name in another directory', `${a}  other/rootfs.tar.gz`],
  ['a web page', '<html>'],
] as const) {
  test(`a list with ${what} is refused by its line`, () => {
    assert.equal(
      refusal(`${b}  good\n${line}\n`),
      `read http://h/SHA256SUMS: line 2 ${JSON.stringify(line)} is none of sha256sum's; ` +
        'write it with "sha256sum *", or remove it to install unchecked',
    );
  });
}

test('two sums for one name are refused; the same sum twice is not', () => {
  assert.match(refusal(`${a}  x\n${b}  x\n`), /line 2 gives "x" a second, different sum/);
  assert.equal(parseChecksums('list', `${a}  x\n${a}  x\n`).size, 1);
});

test('a sum is that of the file with this name beside the list, and of no other', () => {
  const sums = new Map([['rootfs.tar.gz', a]]);

  assert.equal(checksumOf(url, sums, directoryOf(url)), a);
  assert.equal(checksumOf(url, sums, 'http://h/images/debian-13/x86_64'), undefined);
  assert.equal(checksumOf(`${url}.old`, sums, directoryOf(url)), undefined);
  assert.equal(checksumOf(url, undefined, directoryOf(url)), undefined);
});

test('another sum than the expected one is refused, with both', () => {
  requireChecksum(url, a, a);
  requireChecksum(url, undefined, b);
  assert.throws(
    () => requireChecksum(url, a, b),
    (error: unknown) =>
      error instanceof InputError &&
      error.message.startsWith(`check ${url}: its SHA-256 is "${b}" and SHA256SUMS beside it says "${a}"; `),
  );
});
