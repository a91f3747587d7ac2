import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Histories, ServiceState } from '../../../container/decide/restart-budget.ts';
import { judgeServices } from '../../../container/decide/restart-budget.ts';

const limits = { ends: 3, windowMs: 60_000 };

function running(pid: number): ServiceState {
  return { name: 'nginx', state: 'RUNNING', pid, reason: '' };
}

/** Looks once a second at a service with these pids. */
function follow(pids: readonly number[], secondsBetween = 1): string | undefined {
  let histories: Histories = new Map();
  for (const [index, pid] of pids.entries()) {
    const verdict = judgeServices(histories, [running(pid)], index * secondsBetween * 1000, limits);
    if (verdict.giveUp !== undefined) return verdict.giveUp;
    histories = verdict.histories;
  }
  return undefined;
}

test('a service that lives on is left alone', () => {
  assert.equal(follow([10, 10, 10, 10, 10]), undefined);
});

test('a service that ended less often than the limit is left alone', () => {
  assert.equal(follow([10, 11, 12, 12, 12]), undefined);
});

test('a service that ended as often as the limit is given up', () => {
  assert.equal(follow([10, 11, 12, 13]), 'nginx ended 3 times within 60 s');
});

test('a pause between end and start is one end, not two', () => {
  assert.equal(follow([10, 0, 11, 0, 12]), undefined);
});

test('ends that lie further apart than the window do not add up', () => {
  assert.equal(follow([10, 11, 12, 13, 14, 15], 31), undefined);
});

test('a service that supervisord has given up is given up at once, with the reason', () => {
  const fatal: ServiceState = { name: 'dnsmasq', state: 'FATAL', pid: 0, reason: 'Exited too quickly' };

  assert.equal(
    judgeServices(new Map(), [running(10), fatal], 0, limits).giveUp,
    'dnsmasq does not start: Exited too quickly',
  );
});

test('image-inspector may end and stay away: nothing waits for it', () => {
  const fatal: ServiceState = { name: 'image-inspector', state: 'FATAL', pid: 0, reason: 'Exited too quickly' };

  assert.equal(judgeServices(new Map(), [running(10), fatal], 0, limits).giveUp, undefined);
});

test("one service's ends do not count for another", () => {
  let histories: Histories = new Map();
  for (let pid = 1; pid <= 3; pid++) {
    const states = [running(10), { ...running(pid), name: 'vm_watcher' }];
    const verdict = judgeServices(histories, states, pid * 1000, limits);
    assert.equal(verdict.giveUp, undefined);
    histories = verdict.histories;
  }
});
