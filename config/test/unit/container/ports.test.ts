import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describeTakenPorts, parseListeners } from '../../../container/decide/ports.ts';

const place = { address: '192.168.105.1', interface: 'eth1', dhcpV6: false };

// Lines as ss of iproute2 6.15 writes them.
const line = {
  resolved: 'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("systemd-resolve",pid=612,fd=13))',
  otherDhcp: 'udp UNCONN 0 0 0.0.0.0%virbr0:67 0.0.0.0:*',
  ownDhcp: 'udp UNCONN 0 0 0.0.0.0%eth1:67 0.0.0.0:*',
  anyHttp: 'tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("apache2",pid=77,fd=4),("apache2",pid=78,fd=4))',
  dualHttp: 'tcp LISTEN 0 511 *:80 *:*',
  v6Http: 'tcp LISTEN 0 511 [::]:80 [::]:*',
  linkLocal: 'udp UNCONN 0 0 [fe80::1]%eth1:53 [::]:*',
  anyDns6: 'tcp LISTEN 0 4096 [::]:53 [::]:* users:(("named",pid=31,fd=9))',
  anyDhcp6: 'udp UNCONN 0 0 [::]:547 [::]:* users:(("dhcpd",pid=55,fd=6))',
  otherDhcp6: 'udp UNCONN 0 0 [::]%virbr0:547 [::]:*',
};

test("ss's lines are read with address, device and holder", () => {
  assert.deepEqual(parseListeners(Object.values(line).join('\n')), [
    { protocol: 'udp', address: '127.0.0.53', device: 'lo', port: 53, holder: 'systemd-resolve (pid 612)' },
    { protocol: 'udp', address: '0.0.0.0', device: 'virbr0', port: 67 },
    { protocol: 'udp', address: '0.0.0.0', device: 'eth1', port: 67 },
    { protocol: 'tcp', address: '0.0.0.0', port: 80, holder: 'apache2 (pid 77)' },
    { protocol: 'tcp', address: '*', port: 80 },
    { protocol: 'tcp', address: '::', port: 80 },
    { protocol: 'udp', address: 'fe80::1', device: 'eth1', port: 53 },
    { protocol: 'tcp', address: '::', port: 53, holder: 'named (pid 31)' },
    { protocol: 'udp', address: '::', port: 547, holder: 'dhcpd (pid 55)' },
    { protocol: 'udp', address: '::', device: 'virbr0', port: 547 },
  ]);
});

test('an empty list holds no listener', () => {
  assert.deepEqual(parseListeners('\n'), []);
});

for (const free of ['resolved', 'otherDhcp', 'v6Http', 'linkLocal', 'anyDns6', 'anyDhcp6'] as const) {
  test(`"${line[free]}" takes no port of ours`, () => {
    assert.deepEqual(describeTakenPorts(parseListeners(line[free]), place), []);
  });
}

test('a taken port is named with its address and its holder', () => {
  assert.deepEqual(describeTakenPorts(parseListeners(line.anyHttp), place), [
    'listen for HTTP on 192.168.105.1 port 80/tcp: already taken by apache2 (pid 77), which listens on 0.0.0.0; ' +
      'stop it ("ss -lntup" on the host names it, "docker ps" an older container)',
  ]);
});

for (const taken of ['ownDhcp', 'dualHttp'] as const) {
  test(`"${line[taken]}" takes a port, by a holder that cannot be seen`, () => {
    const [text] = describeTakenPorts(parseListeners(line[taken]), place);

    assert.match(text ?? '', /already taken by a process outside this container/);
  });
}

test('all taken ports are named at once', () => {
  assert.equal(describeTakenPorts(parseListeners(`${line.ownDhcp}\n${line.anyHttp}`), place).length, 2);
});

test('with an IPv6 range the port of DHCPv6 is needed too', () => {
  const taken = describeTakenPorts(parseListeners(`${line.otherDhcp6}\n${line.anyDhcp6}`), { ...place, dhcpV6: true });

  assert.deepEqual(taken, [
    'listen for DHCPv6 on eth1 port 547/udp: already taken by dhcpd (pid 55), which listens on ::; ' +
      'stop it ("ss -lntup" on the host names it, "docker ps" an older container)',
  ]);
});

test('with an IPv6 range DNS is needed at every IPv6 address too', () => {
  const taken = describeTakenPorts(parseListeners(line.anyDns6), { ...place, dhcpV6: true });

  assert.deepEqual(taken, [
    'listen for DNS on eth1 port 53/tcp: already taken by named (pid 31), which listens on ::; ' +
      'stop it ("ss -lntup" on the host names it, "docker ps" an older container)',
  ]);
});
