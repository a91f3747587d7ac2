import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { parseCmdline } from '../../../src/plan/cmdline.ts';

const configUrl = 'config_url=http://192.168.105.1/config/52:54:00:12:34:56';

function parseIp(value: string): ReturnType<typeof parseCmdline>['network'] {
  return parseCmdline(`${configUrl} ip=${value}`).network;
}

function refusal(text: string): string {
  try {
    parseCmdline(text);
  } catch (error) {
    assert(error instanceof InputError);
    return error.message;
  }
  return assert.fail(`"${text}" was accepted`);
}

test('the line that the boot server sends is read whole', () => {
  const text = `console=ttyS0,115200 ip=dhcp ${configUrl} installer_mac=52:54:00:12:34:56 rootfstype=ramfs panic=-1\n`;

  assert.deepEqual(parseCmdline(text), {
    configUrl: 'http://192.168.105.1/config/52:54:00:12:34:56',
    installerMac: '52:54:00:12:34:56',
    network: { kind: 'dhcp' },
  });
});

test('without ip= and installer_mac= the address comes from DHCP on any interface', () => {
  assert.deepEqual(parseCmdline(configUrl), {
    configUrl: 'http://192.168.105.1/config/52:54:00:12:34:56',
    network: { kind: 'dhcp' },
  });
});

test('a MAC address in another spelling is normalised', () => {
  for (const spelling of ['52-54-00-AB-CD-EF', '52:54:0:ab:cd:ef', '01-52-54-00-ab-cd-ef', '5254-00ab-cdef'])
    assert.equal(parseCmdline(`${configUrl} installer_mac=${spelling}`).installerMac, '52:54:00:ab:cd:ef');
});

test('the static form gives address, gateway, device and name servers', () => {
  assert.deepEqual(parseIp('10.0.0.5::10.0.0.1:255.255.255.0:web1:eth1:none:10.0.0.2:10.0.0.3'), {
    kind: 'static',
    address: '10.0.0.5',
    prefixLength: 24,
    gateway: '10.0.0.1',
    device: 'eth1',
    nameservers: ['10.0.0.2', '10.0.0.3'],
  });
});

test('the static form needs only address and netmask', () => {
  assert.deepEqual(parseIp('10.0.0.5:::255.255.0.0'), {
    kind: 'static',
    address: '10.0.0.5',
    prefixLength: 16,
    nameservers: [],
  });
});

test('of several ip= the last counts, so that the definition can replace the DHCP of the boot server', () => {
  const { network } = parseCmdline(`ip=dhcp ${configUrl} ip=10.0.0.5:::255.255.0.0`);

  assert.equal(network.kind, 'static');
});

test('the static form with autoconf dhcp and no address is DHCP', () => {
  assert.deepEqual(parseIp('::::web1:eth0:dhcp'), { kind: 'dhcp' });
});

for (const [what, text, named] of [
  ['no config_url', 'quiet ip=dhcp', 'config_url=""'],
  ['a config_url of another scheme', 'config_url=ftp://x/y', 'config_url="ftp://x/y"'],
  ['a malformed MAC address', `${configUrl} installer_mac=52:54:00:zz:00:01`, 'installer_mac="52:54:00:zz:00:01"'],
  ['a static address without netmask', `${configUrl} ip=10.0.0.5::10.0.0.1`, 'ip="10.0.0.5::10.0.0.1"'],
  ['a netmask with holes', `${configUrl} ip=10.0.0.5:::255.0.255.0`, 'ip="10.0.0.5:::255.0.255.0"'],
  ['a gateway that is no address', `${configUrl} ip=10.0.0.5::gw:255.255.255.0`, 'ip="10.0.0.5::gw:255.255.255.0"'],
] as const) {
  test(`${what} is refused, naming the word and its value`, () => {
    assert.ok(refusal(text).includes(named), refusal(text));
  });
}
