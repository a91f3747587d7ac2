import assert from 'node:assert/strict';
import { test } from 'node:test';

import { needs } from '@pxeboot/config/test/support/requirements';

import { addressesOf, networkAfter } from './support/isolated-network.ts';

const requirements = needs('unshare', 'ip', 'dnsmasq', 'busybox', 'mount');

/** Two cards, each at one end of a cable. */
const twoCards = `
ip link add eth0 address 52:54:00:00:00:01 type veth peer name far0
ip link add eth1 address 52:54:00:00:00:02 type veth peer name far1
ip link set far0 up
ip link set far1 up
`;

/** A DHCP server at the other end of eth1, after some seconds. */
function dhcpServer(delaySeconds = 0): string {
  const options = [
    '--dhcp-range=10.9.0.10,10.9.0.20',
    '--dhcp-option=3,10.9.0.254',
    '--dhcp-option=6,10.9.0.2,10.9.0.3',
  ];
  const files = '--conf-file=/dev/null --port=0 --dhcp-leasefile=/run/leases --pid-file= --user=root';
  return `
ip address add 10.9.0.1/24 dev far1
(sleep ${delaySeconds}; exec dnsmasq --keep-in-foreground ${files} --interface=far1 --bind-interfaces \
  --no-ping --dhcp-authoritative ${options.join(' ')} >/dev/null 2>&1 </dev/null) >/dev/null 2>&1 &
`;
}

test('the static form sets address, route and name servers on the named interface', requirements, async () => {
  const state = await networkAfter(twoCards, 'ip=10.8.0.5::10.8.0.1:255.255.0.0:web1:eth1:none:10.8.0.2:10.8.0.3');

  assert.equal(state.error, undefined);
  assert.deepEqual(addressesOf(state), { eth1: ['10.8.0.5/16'] });
  assert.deepEqual(
    state.routes.map(({ dst, gateway, dev }) => [dst, gateway, dev]),
    [
      ['default', '10.8.0.1', 'eth1'],
      ['10.8.0.0/16', undefined, 'eth1'],
    ],
  );
  assert.equal(state.resolvConf, 'nameserver 10.8.0.2\nnameserver 10.8.0.3\n');
});

test('a gateway outside of the network is reached on the interface all the same', requirements, async () => {
  const state = await networkAfter(twoCards, 'ip=10.8.0.5::192.0.2.1:255.255.255.255::eth0');

  assert.equal(state.error, undefined);
  assert.deepEqual(
    state.routes.map(({ dst, gateway, dev }) => [dst, gateway, dev]),
    [['default', '192.0.2.1', 'eth0']],
  );
});

test('of two interfaces the MAC address decides, also against the name', requirements, async () => {
  const mac = 'installer_mac=52-54-00-00-00-02';
  const state = await networkAfter(twoCards, `ip=10.8.0.5:::255.255.255.0::eth0 ${mac}`);

  assert.deepEqual(addressesOf(state), { eth1: ['10.8.0.5/24'] });
});

test('without MAC address and name the interface with a carrier is taken', requirements, async () => {
  // Its other end lies in another namespace, where nobody sets it up.
  const unplugged = 'unshare --net sleep 60 >/dev/null 2>&1 & sleep 0.5; ip link set far0 netns $!';
  const state = await networkAfter(`${twoCards}${unplugged}`, 'ip=10.8.0.5:::255.255.255.0');

  assert.deepEqual(addressesOf(state), { eth1: ['10.8.0.5/24'] });
});

test('an interface that is not there is named, with those that are', requirements, async () => {
  const state = await networkAfter(twoCards, 'ip=dhcp installer_mac=52:54:00:00:00:09');

  assert.match(state.error ?? '', /^InputError: find the network interface "52:54:00:00:00:09": the machine has /);
  assert.match(state.error ?? '', /eth0 \(52:54:00:00:00:01\), eth1 \(52:54:00:00:00:02\)/);
  assert.deepEqual(addressesOf(state), {});
});

test('a cable that is not connected is named', requirements, async () => {
  const state = await networkAfter(`${twoCards}ip link set far1 down`, 'ip=dhcp installer_mac=52:54:00:00:00:02');

  assert.match(
    state.error ?? '',
    /^HostError: wait for the link of eth1: no carrier within 2000 ms; is it connected\?$/,
  );
});

test('DHCP gives address, route and name servers to the interface with the MAC address', requirements, async () => {
  const state = await networkAfter(`${twoCards}${dhcpServer()}`, 'ip=dhcp installer_mac=52:54:00:00:00:02');

  assert.equal(state.error, undefined);
  const { eth0, eth1 } = addressesOf(state);
  assert.equal(eth0, undefined);
  assert.match(eth1?.[0] ?? '', /^10\.9\.0\.1\d\/24$/);
  assert.ok(
    state.routes.some(({ dst, gateway, dev }) => dst === 'default' && gateway === '10.9.0.254' && dev === 'eth1'),
  );
  assert.equal(state.resolvConf, 'nameserver 10.9.0.2\nnameserver 10.9.0.3\n');
});

test('a DHCP server that comes late is waited for, and the wait is told', requirements, async () => {
  const state = await networkAfter(`${twoCards}${dhcpServer(2)}`, 'ip=dhcp installer_mac=52:54:00:00:00:02');

  assert.equal(state.error, undefined);
  assert.match(addressesOf(state)['eth1']?.[0] ?? '', /^10\.9\.0\./);
  assert.equal(state.log.filter((line) => line.includes('no lease, asking again device=eth1 attempt=1')).length, 1);
});

test('without a DHCP server the reason names the interface and the attempts', requirements, async () => {
  const state = await networkAfter(twoCards, 'ip=dhcp installer_mac=52:54:00:00:00:02');

  assert.match(state.error ?? '', /^HostError: ask for an address by DHCP on eth1: no lease after 2 attempts; /);
});
