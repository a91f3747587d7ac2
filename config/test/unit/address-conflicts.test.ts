import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AddressConflict } from '../../contract/address-conflicts.ts';
import { formatAddressConflicts, parseAddressConflicts } from '../../contract/address-conflicts.ts';
import { good, lintOne } from '../support/lint-one.ts';

const conflict: AddressConflict = {
  ip: '10.0.0.20',
  mac: '02:00:00:00:00:99',
  owner: { mac: good.mac, vm: 'web1', by: 'definition' },
};

test('conflicts are read as they were written, one in a line', () => {
  const conflicts = [conflict, { ...conflict, ip: '10.0.0.21', vm: 'web2' }];

  assert.deepEqual(parseAddressConflicts(formatAddressConflicts(conflicts)), { ok: true, value: conflicts });
  assert.equal(formatAddressConflicts(conflicts).split('\n').length, 5);
  assert.deepEqual(parseAddressConflicts(formatAddressConflicts([])), { ok: true, value: [] });
});

test('what is cut short or of another version is refused', () => {
  for (const text of ['', '{"version":1,"conf', '{"version":2,"conflicts":[]}', '{"version":1}'])
    assert.equal(parseAddressConflicts(text).ok, false, text);
});

test('a reserved address that answers with another MAC is a warning at the address', () => {
  assert.deepEqual(lintOne({}, { conflicts: [conflict] }), [
    'warning address-conflict web1.json /ip "10.0.0.20": answers with another MAC, 02:00:00:00:00:99; find the machine with that MAC and take 10.0.0.20 away from it, or give this VM another address; a bond or bridge of this VM itself is no fault, and if it is a second card of this VM, set net.ipv4.conf.all.arp_ignore=1 there, so that each answers for its own address',
  ]);
});

test("another VM's MAC is named, with what is to be done when both are cards of one machine", () => {
  assert.deepEqual(lintOne({}, { conflicts: [{ ...conflict, mac: '52:54:00:00:00:02', vm: 'web2' }] }), [
    'warning address-conflict web1.json /ip "10.0.0.20": answers with another MAC, 52:54:00:00:00:02, which is web2\'s; take 10.0.0.20 away from that machine; if both are cards of one machine, set net.ipv4.conf.all.arp_ignore=1 there, so that each answers for its own address',
  ]);
});

test('a leased address that does is a warning at the MAC', () => {
  const leased = { ...conflict, ip: '10.0.0.150', owner: { mac: good.mac, vm: 'web1', by: 'lease' as const } };

  assert.deepEqual(lintOne({}, { conflicts: [leased] }), [
    'warning address-conflict web1.json /mac "52:54:00:00:00:01": has a lease of 10.0.0.150, which answers with another MAC, 02:00:00:00:00:99; find the machine with that MAC and take 10.0.0.150 away from it, or give this VM another address; a bond or bridge of this VM itself is no fault, and if it is a second card of this VM, set net.ipv4.conf.all.arp_ignore=1 there, so that each answers for its own address',
  ]);
});

test("another machine's conflict is not this VM's", () => {
  const elsewhere = { ...conflict, owner: { mac: '52:54:00:00:00:07', by: 'lease' as const } };

  assert.deepEqual(lintOne({}, { conflicts: [elsewhere] }), []);
});
