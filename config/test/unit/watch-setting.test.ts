import assert from 'node:assert/strict';
import { test } from 'node:test';

import { givenEnvironment, parseEnvironment } from '../../contract/environment.ts';

const complete = {
  PROVISIONER_IP: '192.168.105.1',
  DHCP_RANGE_START: '192.168.105.100',
  DHCP_RANGE_END: '192.168.105.200',
};

test('VMS_WATCH is auto unless it is set, and nothing else of the environment is needed for it', () => {
  assert.deepEqual(givenEnvironment({}), { vmsWatch: 'auto' });
  assert.deepEqual(givenEnvironment({ VMS_WATCH: '' }), { vmsWatch: 'auto' });
  assert.deepEqual(givenEnvironment({ VMS_WATCH: 'poll' }), { vmsWatch: 'poll' });
});

test('another VMS_WATCH is one fault, here and at the start of the container', () => {
  const fault = {
    file: 'environment',
    path: '/VMS_WATCH',
    value: '"often"',
    problem: 'is none of the possible values',
    fix: 'use one of "auto", "events", "poll"',
  };

  assert.throws(() => givenEnvironment({ VMS_WATCH: 'often' }), {
    name: 'InputError',
    message: 'environment /VMS_WATCH "often": is none of the possible values; use one of "auto", "events", "poll"',
  });
  assert.deepEqual(parseEnvironment({ ...complete, VMS_WATCH: 'often' }), { ok: false, faults: [fault] });
});
