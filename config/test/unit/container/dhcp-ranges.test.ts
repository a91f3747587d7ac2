import assert from 'node:assert/strict';
import { test } from 'node:test';

import { divideIpv4, divideIpv6 } from '../../../container/decide/dhcp-ranges.ts';

const ipv4: [start: string, end: string, defined: string, everybody: string | null][] = [
  ['10.0.0.5', '10.0.0.5', '10.0.0.5 10.0.0.5', null],
  ['10.0.0.5', '10.0.0.6', '10.0.0.5 10.0.0.5', '10.0.0.6 10.0.0.6'],
  ['10.0.0.5', '10.0.0.7', '10.0.0.5 10.0.0.6', '10.0.0.7 10.0.0.7'],
  ['10.0.0.5', '10.0.0.8', '10.0.0.5 10.0.0.7', '10.0.0.8 10.0.0.8'],
  ['10.0.0.100', '10.0.0.200', '10.0.0.100 10.0.0.175', '10.0.0.176 10.0.0.200'],
  ['10.0.0.250', '10.0.1.5', '10.0.0.250 10.0.1.2', '10.0.1.3 10.0.1.5'],
  ['10.1.0.1', '10.1.255.254', '10.1.0.1 10.1.239.254', '10.1.239.255 10.1.255.254'],
  ['223.0.0.1', '223.255.255.254', '223.0.0.1 223.255.239.254', '223.255.239.255 223.255.255.254'],
];

for (const [start, end, defined, everybody] of ipv4) {
  test(`of ${start} to ${end} everybody may have ${everybody ?? 'none'}`, () => {
    const divided = divideIpv4({ start, end });

    assert.equal(`${divided.defined.start} ${divided.defined.end}`, defined);
    assert.equal(divided.everybody && `${divided.everybody.start} ${divided.everybody.end}`, everybody);
  });
}

test('IPv6 ranges are divided in the same way, however large they are', () => {
  assert.deepEqual(divideIpv6({ start: '::64', end: '::c8' }), {
    defined: { start: '::64', end: '::af' },
    everybody: { start: '::b0', end: '::c8' },
  });
  assert.deepEqual(divideIpv6({ start: '::1', end: '::1' }), {
    defined: { start: '::1', end: '::1' },
    everybody: null,
  });
  assert.deepEqual(divideIpv6({ start: '::1', end: '::ffff:ffff:ffff:ffff' }), {
    defined: { start: '::1', end: '::ffff:ffff:ffff:efff' },
    everybody: { start: '::ffff:ffff:ffff:f000', end: '::ffff:ffff:ffff:ffff' },
  });
});
