import assert from 'node:assert/strict';
import { test } from 'node:test';

import { definitionsInForce } from '@pxeboot/config/contract/published-state';
import type { ScannedFile } from '@pxeboot/config/definitions/resolve';
import { resolve } from '@pxeboot/config/definitions/resolve';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import { hostsFiles } from '../../src/decide/hosts-files.ts';

test('each VM gives one DHCP line and one DNS line per reserved address, sorted by name', () => {
  const definitions = [
    sampleVm({ name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21', ipv6: 'fd00:105::21' }),
    sampleVm({ name: 'web10', mac: '52:54:00:aa:bb:10' }),
    sampleVm({ name: 'gate', role: 'provisioner', mac: '52:54:00:aa:bb:01', ip: '192.168.105.1' }),
    sampleVm({ name: 'v6only', mac: '52:54:00:aa:bb:06', ipv6: 'fd00:105::6' }),
  ];

  assert.deepEqual(hostsFiles(definitions), {
    dhcp: `52:54:00:aa:bb:01,192.168.105.1,gate.pvmlab.local
52:54:00:aa:bb:06,[fd00:105::6],v6only.pvmlab.local
52:54:00:aa:bb:10,web10.pvmlab.local
52:54:00:aa:bb:02,192.168.105.21,[fd00:105::21],web2.pvmlab.local
`,
    dns: `192.168.105.1 gate.pvmlab.local gate
fd00:105::6 v6only.pvmlab.local v6only
192.168.105.21 web2.pvmlab.local web2
fd00:105::21 web2.pvmlab.local web2
`,
  });
});

test('a name that is no host name is one for DHCP and the guest, and DNS also has it as it is written', () => {
  const definitions = [
    sampleVm({ name: 'my_vm', mac: '52:54:00:aa:bb:01', ip: '192.168.105.21' }),
    sampleVm({ name: 'node.k8s', mac: '52:54:00:aa:bb:02', ip: '192.168.105.22', ipv6: 'fd00:105::22' }),
    sampleVm({ name: 'a..b', mac: '52:54:00:aa:bb:03', ip: '192.168.105.23' }),
    sampleVm({ name: 'x_y', mac: '52:54:00:aa:bb:04' }),
  ];

  assert.deepEqual(hostsFiles(definitions), {
    dhcp: `52:54:00:aa:bb:03,192.168.105.23,a-b.pvmlab.local
52:54:00:aa:bb:01,192.168.105.21,my-vm.pvmlab.local
52:54:00:aa:bb:02,192.168.105.22,[fd00:105::22],node-k8s.pvmlab.local
52:54:00:aa:bb:04,x-y.pvmlab.local
`,
    dns: `192.168.105.23 a-b.pvmlab.local a-b
192.168.105.21 my-vm.pvmlab.local my-vm my_vm.pvmlab.local my_vm
192.168.105.22 node-k8s.pvmlab.local node-k8s node.k8s.pvmlab.local
fd00:105::22 node-k8s.pvmlab.local node-k8s node.k8s.pvmlab.local
`,
  });
});

test('of VMs with one guest name it is given to one, and to the one that is really called so', () => {
  const definitions = [
    sampleVm({ name: 'my_vm', mac: '52:54:00:aa:bb:01', ip: '192.168.105.21' }),
    sampleVm({ name: 'my.vm', mac: '52:54:00:aa:bb:02', ip: '192.168.105.22' }),
    sampleVm({ name: 'my-vm', mac: '52:54:00:aa:bb:03', ip: '192.168.105.23' }),
    sampleVm({ name: 'my..vm', mac: '52:54:00:aa:bb:04', ip: '192.168.105.24' }),
  ];

  assert.deepEqual(hostsFiles(definitions), {
    dhcp: `52:54:00:aa:bb:03,192.168.105.23,my-vm.pvmlab.local
52:54:00:aa:bb:04,192.168.105.24,vm-525400aabb04.pvmlab.local
52:54:00:aa:bb:02,192.168.105.22,vm-525400aabb02.pvmlab.local
52:54:00:aa:bb:01,192.168.105.21,vm-525400aabb01.pvmlab.local
`,
    dns: `192.168.105.23 my-vm.pvmlab.local my-vm
192.168.105.22 my.vm.pvmlab.local
192.168.105.21 my_vm.pvmlab.local my_vm
`,
  });
});

test('equal definitions in another order give equal bytes', () => {
  const a = sampleVm({ name: 'a', mac: '52:54:00:aa:bb:0a' });
  const b = sampleVm({ name: 'b', mac: '52:54:00:aa:bb:0b' });

  assert.deepEqual(hostsFiles([a, b]), hostsFiles([b, a]));
});

test('a name under which other machines look for something is in neither file, in whatever spelling', () => {
  const scanned = ['localhost', 'WPAD', 'Isatap', 'test'].map((name, n): ScannedFile => {
    const [mac, ip] = [`52:54:00:aa:bb:0${n}`, `192.168.105.2${n}`];
    const text = JSON.stringify({ name, role: 'target', arch: 'x86_64', mac, ip, distro: 'debian-12' });
    return { file: `${name}.json`, fingerprint: '', kind: 'read', text };
  });

  assert.deepEqual(hostsFiles(definitionsInForce(resolve(undefined, scanned, new Date(0)))), {
    dhcp: '52:54:00:aa:bb:03,192.168.105.23,test.pvmlab.local\n',
    dns: '192.168.105.23 test.pvmlab.local test\n',
  });
});

test('no definitions give empty files', () => {
  assert.deepEqual(hostsFiles([]), { dhcp: '', dns: '' });
});
