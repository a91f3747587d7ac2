import assert from 'node:assert/strict';
import { test } from 'node:test';

import { layersNeedBytes, neededBytes } from '../../../import/decide/needed-space.ts';
import { programArchitecture } from '../../../import/decide/program-architecture.ts';
import { progressLine } from '../../../import/decide/progress-line.ts';

test('progress has the rate and the time that is left', () => {
  assert.equal(progressLine('pack', 500e6, 1400e6, 5000), 'pack: 500 of 1400 MB, 100 MB/s, 9 s left');
  assert.equal(progressLine('pack', 10e6, 1400e6, 1000), 'pack: 10 of 1400 MB, 10 MB/s, 2 min 19 s left');
  assert.equal(progressLine('pack', 0, 1400e6, 0), 'pack: 0 of 1400 MB, 0 MB/s');
  assert.equal(progressLine('pack', 10, 10, 1), 'pack: 1 of 1 MB, 1 MB/s');
});

test('a qcow2 needs room for what it holds and for the result, a raw image for the result alone', () => {
  assert.equal(neededBytes({ kind: 'qcow2' }, 2e9), 3.2e9);
  assert.equal(neededBytes({ kind: 'raw' }, 2e9), 1.2e9);
  assert.equal(neededBytes({ kind: 'tarball', packing: 'tar' }, 2e9), 1.2e9);
  assert.equal(neededBytes({ kind: 'tarball', packing: 'xz' }, 1e9), 1.5e9);
});

test('each layer of a container image counts as it is packed', () => {
  const [plain, packed] = [{ packing: 'tar', bytes: 2e9 } as const, { packing: 'zstd', bytes: 1e9 } as const];
  assert.equal(layersNeedBytes([plain]), neededBytes({ kind: 'tarball', packing: 'tar' }, 2e9));
  assert.equal(layersNeedBytes([packed]), neededBytes({ kind: 'tarball', packing: 'zstd' }, 1e9));
  assert.equal(layersNeedBytes([plain, packed, packed]), 3.8e9);
});

test('a program of another machine is described; a 32-bit one is not taken for a 64-bit one', () => {
  const header = (bits: number, machine: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.write(`\x7fELF${String.fromCharCode(bits)}\x01`, 'latin1');
    bytes.writeUInt16LE(machine, 18);
    return bytes;
  };

  assert.deepEqual(programArchitecture(header(2, 183)), { arch: 'aarch64' });
  assert.deepEqual(programArchitecture(header(1, 62)), { found: 'a program of ELF machine 62, 32 bits' });
  assert.deepEqual(programArchitecture(Buffer.from('#!/bin/sh\nexec true, and more')), {
    found: 'a script or data, no ELF program',
  });
});
