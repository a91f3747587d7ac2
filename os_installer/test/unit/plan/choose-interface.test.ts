import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NetworkInterface } from '../../../src/plan/choose-interface.ts';
import { matchingInterfaces } from '../../../src/plan/choose-interface.ts';

function card(name: string, mac: string, physical = true): NetworkInterface {
  return { name, mac, physical };
}

const cards = [card('eth10', 'aa'), card('eth2', 'bb'), card('lo', '00', false), card('br0', 'bb', false)];

test('of several interfaces the MAC address decides, and not a bridge that has the same', () => {
  assert.deepEqual(matchingInterfaces(cards, 'bb', undefined), ['eth2', 'br0']);
  assert.deepEqual(matchingInterfaces(cards, 'aa', 'eth2'), ['eth10']);
  assert.deepEqual(matchingInterfaces(cards, 'cc', undefined), []);
});

test('without a MAC address the name decides', () => {
  assert.deepEqual(matchingInterfaces(cards, undefined, 'eth10'), ['eth10']);
  assert.deepEqual(matchingInterfaces(cards, undefined, 'eth3'), []);
});

test('without both every interface may be used, in the order of the numbers in their names, loopback never', () => {
  assert.deepEqual(matchingInterfaces(cards, undefined, undefined), ['eth2', 'eth10', 'br0']);
});
