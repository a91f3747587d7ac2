import assert from 'node:assert/strict';
import { test } from 'node:test';

import { afterPass, noPassYet } from '../../src/decide/after-pass.ts';

const everyMs = 30_000;
const memory = { lastCpuMs: 40, leasesDueAtMs: 60_000 };

test('the first pass looks at the leases, also when it found nothing', () => {
  assert.deepEqual(afterPass(noPassYet, { foundChange: false, cpuMs: 12, endedAtMs: 500 }, everyMs), {
    memory: { lastCpuMs: 12, leasesDueAtMs: 30_500 },
    lookAtLeases: true,
  });
});

test('a pass that found nothing leaves the leases alone until they are due', () => {
  assert.deepEqual(afterPass(memory, { foundChange: false, cpuMs: 50, endedAtMs: 59_999 }, everyMs), {
    memory: { lastCpuMs: 50, leasesDueAtMs: 60_000 },
    lookAtLeases: false,
  });
  assert.deepEqual(afterPass(memory, { foundChange: false, cpuMs: 50, endedAtMs: 60_000 }, everyMs), {
    memory: { lastCpuMs: 50, leasesDueAtMs: 90_000 },
    lookAtLeases: true,
  });
});

test('a pass that found a change looks at the leases, and its processor time counts only when it is less', () => {
  assert.deepEqual(afterPass(memory, { foundChange: true, cpuMs: 900, endedAtMs: 1000 }, everyMs), {
    memory: { lastCpuMs: 40, leasesDueAtMs: 31_000 },
    lookAtLeases: true,
  });
});
