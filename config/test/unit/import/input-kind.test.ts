import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inputKind } from '../../../import/decide/input-kind.ts';

function at(offset: number, text: string, size = 70_000): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.write(text, offset, 'latin1');
  return bytes;
}

/** As of an empty directory, with its checksum. */
function tarHeader(): Buffer {
  const header = at(0, './', 512);
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

const raw: ReturnType<typeof inputKind> = { found: { kind: 'raw' } };
const cases: readonly [string, Buffer, ReturnType<typeof inputKind>][] = [
  ['qcow2', at(0, 'QFI\xfb'), { found: { kind: 'qcow2' } }],
  ['gzip', at(0, '\x1f\x8b\x08'), { found: { kind: 'tarball', packing: 'gzip' } }],
  ['tar', tarHeader(), { found: { kind: 'tarball', packing: 'tar' } }],
  ['MBR', at(510, '\x55\xaa'), raw],
  ['GPT with sectors of 512 bytes, without an MBR', at(512, 'EFI PART'), raw],
  ['GPT with sectors of 4096 bytes', at(4096, 'EFI PART'), raw],
  ['ext4', at(0x438, '\x53\xef'), raw],
  ['xfs', at(0, 'XFSB'), raw],
  ['btrfs', at(0x10040, '_BHRfS_M'), raw],
  ['LUKS', at(0, 'LUKS\xba\xbe'), raw],
  ['LVM', at(512, 'LABELONE'), raw],
  ['squashfs', at(0, 'hsqs'), { is: 'a squashfs image' }],
  ['zeros', Buffer.alloc(600), { is: 'unknown (its first bytes are 0x0000000000000000)' }],
];

for (const [name, head, expected] of cases) {
  test(`the kind of an input by its first bytes: ${name}`, () => {
    assert.deepEqual(inputKind(head), expected);
  });
}

test('a virtual disk of another kind is named, with the command that converts it', () => {
  for (const head of [at(0, 'KDMV'), at(0, 'vhdxfile'), at(64, '\x7f\x10\xda\xbe')]) {
    const result = inputKind(head);

    assert.ok('advice' in result && /^a V\w+ disk image$/.test(result.is), JSON.stringify(result));
    assert.match(result.advice ?? '', /qemu-img convert -O qcow2/);
  }
});
