import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedEntry } from '@pxeboot/config/contract/published-state';
import { sampleKey } from '@pxeboot/config/test/support/sample-vm';

import { answerLimit } from '../../src/http/answer.ts';
import { listVmsRoute } from '../../src/routes/list-vms-route.ts';
import type { KeptEvent } from '../../src/status/event-record.ts';
import { sampleTarget } from '../support/sample-target.ts';

const definitions = 10_000;
const remembered = 1_000;

function entry(n: number): PublishedEntry {
  const hex = n.toString(16).padStart(4, '0');
  const mac = `52:54:00:00:${hex.slice(0, 2)}:${hex.slice(2)}`;
  const name = `${'n'.repeat(58)}${n.toString().padStart(5, '0')}`;
  const addresses = { ip: '192.168.105.200', ipv6: `fd00:1234:5678:9abc:def0:1234:5678:${hex}` };
  const definition = sampleTarget({ name, mac, ...addresses, distro: 'd'.repeat(63), ssh_key: sampleKey });
  return {
    file: `${name}.json`,
    fingerprint: '',
    state: 'ok',
    definition,
    faults: [],
    since: '2026-01-02T03:04:05.000Z',
  };
}

/** The longest that a guest can have said, in characters that JSON escapes. */
const longest: KeptEvent = {
  ...{ seq: Number.MAX_SAFE_INTEGER, at: '\u0001'.repeat(40), step: '\u0001'.repeat(120), state: 'failed' },
  ...{ message: '\u0001'.repeat(4096), reinstall_token: '\u0001'.repeat(128) },
  received_at: '2026-01-02T03:04:05.000Z',
};

test('the list of ten thousand VMs is within the limit of an answer, whatever its guests have reported', async () => {
  const entries = Array.from({ length: definitions }, (_, n) => entry(n));
  const talking = new Set(entries.slice(0, remembered).map(({ definition }) => definition?.mac));
  const statuses = {
    add: () => assert.fail(),
    events: (mac: string) => (talking.has(mac) ? [longest] : []),
    ...{ facts: () => undefined, succeeded: () => false, doneToken: () => undefined },
  };
  const vms = {
    findByMac: () => Promise.resolve(undefined),
    findByName: () => Promise.resolve(undefined),
    entries: () => Promise.resolve(entries),
  };

  const { body } = await listVmsRoute({ vms, statuses, conflicts: () => Promise.resolve([]) })();

  const { vms: listed } = JSON.parse(body) as { vms: { lastStatus?: KeptEvent }[] };
  assert.equal(listed.length, definitions);
  assert.equal(listed[0]?.lastStatus?.message, `${'\u0001'.repeat(300)}…`);
  assert.ok(Buffer.byteLength(body) < answerLimit / 2, `${Buffer.byteLength(body)} bytes`);
});
