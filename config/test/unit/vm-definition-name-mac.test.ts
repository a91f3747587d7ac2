import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseVmDefinition } from '../../contract/vm-definition.ts';
import { describeFault } from '../../kit/fault.ts';

const complete = { name: 'web1', role: 'target', arch: 'x86_64', mac: '52:54:00:12:34:56', distro: 'debian-12' };

function faultsWith(changes: object, file = 'web1.json'): string[] {
  const parsed = parseVmDefinition(file, JSON.stringify({ ...complete, ...changes }));
  return parsed.ok ? [] : parsed.faults.map(describeFault);
}

for (const name of [
  '../etc/passwd',
  'web1\nweb2',
  'web1;reboot',
  'web$(id)',
  '${net0/mac}',
  'web 1',
  '-web1',
  '_web',
  'web_',
  '.web1',
  'web1.',
  'a'.repeat(64),
  'wéb',
  '',
]) {
  test(`the name ${JSON.stringify(name)} is refused`, () => {
    const [fault = ''] = faultsWith({ name });

    assert.ok(
      fault.startsWith(`web1.json /name ${JSON.stringify(name)}: is not valid; expected a name such as web1`),
      fault,
    );
  });
}

const refused: [string, string][] = [
  ['localhost', 'is what each machine calls itself (RFC 6761, 6.3)'],
  ['wpad', 'is where browsers look for a proxy, so they would send this VM their traffic (CVE-2009-0093, VU#598349)'],
  ['isatap', 'is where machines look for an IPv6 tunnel, so they would send this VM their traffic (RFC 5214, 8.3.2)'],
];
for (const [name, problem] of refused) {
  for (const spelling of [name, name.toUpperCase(), `${name.charAt(0).toUpperCase()}${name.slice(1)}`]) {
    for (const role of ['target', 'provisioner']) {
      test(`no ${role} may be called ${spelling}`, () => {
        assert.deepEqual(faultsWith({ name: spelling, role }, `${spelling}.json`), [
          `${spelling}.json /name "${spelling}": ${problem}; expected another name, such as web1`,
        ]);
      });
    }
  }
}

test('a name that is no text has that fault alone', () => {
  assert.deepEqual(faultsWith({ name: 5 }), [
    'web1.json /name 5: is not of type string; expected a name such as web1: 1 to 63 letters, digits, hyphens, underscores and dots, with a letter or digit at both ends',
  ]);
});

const allowed = ['my_vm', 'node.k8s', 'a.b_c-d', '10.0.0.5', 'a..b', 'web1.json'];
for (const name of [
  'test',
  'example',
  'local',
  'provisioner',
  'wpad1',
  'my-wpad',
  'localhost4',
  'isatap-router',
  ...allowed,
]) {
  test(`a VM may be called ${name}`, () => {
    assert.deepEqual(faultsWith({ name }, `${name}.json`), []);
  });
}

for (const mac of [
  '00:00:00:00:00:00',
  '00-00-00-00-00-00',
  '000000000000',
  '0000.0000.0000',
  ' 00:00:00:00:00:00\n',
  '0:0:0:0:0:0',
  '01-00-00-00-00-00-00',
  '0000-0000-0000',
]) {
  test(`the MAC ${JSON.stringify(mac)} is refused for what it means`, () => {
    assert.deepEqual(faultsWith({ mac }), [
      `web1.json /mac ${JSON.stringify(mac)}: is no machine's address: all zeros mean that none was set, and QEMU then gives the card one of its own choice; expected an address of its own, such as 52:54:00:12:34:56, here and where the VM is started`,
    ]);
  });
}

for (const mac of [
  'FF:FF:FF:FF:FF:FF',
  '33-33-00-00-00-01',
  '01005e000001',
  '0180.c200.0000',
  '1:0:5e:0:0:1',
  '01-01-00-5e-00-00-01',
  '0180-c200-0000',
]) {
  test(`the group address ${mac} is refused as one`, () => {
    const [fault = '', ...more] = faultsWith({ mac });

    assert.match(fault, /^web1\.json \/mac ".*": is no machine's address: it names a group of machines/);
    assert.deepEqual(more, []);
  });
}

const misspelt: [string, string][] = [
  ['00:00:00:00:00', ': it has 5 groups of 2, 2, 2, 2, 2 digits, so which zeros were left out cannot be told'],
  ['00:00-00:00:00:00', ': it mixes ":" and "-"'],
  ['01:00:5e:00:00', ': it has 5 groups of 2, 2, 2, 2, 2 digits, so which zeros were left out cannot be told'],
  ['FF:FF:FF:FF:FF:FF:FF', ': its hardware type is 255, and 1 is Ethernet'],
  ['', ''],
];
for (const [mac, reason] of misspelt) {
  test(`${JSON.stringify(mac)} is no MAC address, whatever it holds, and the reason is said`, () => {
    const expected = `is not a MAC address${reason}; expected six hex pairs such as 52:54:00:12:34:56`;

    assert.deepEqual(faultsWith({ mac }), [`web1.json /mac ${JSON.stringify(mac)}: ${expected}`]);
  });
}

for (const mac of ['52:54:0:0:0:11', '01-52-54-00-00-00-11', '5254-0000-0011', '5254.0000.0011']) {
  test(`the definition's MAC may be written ${mac}`, () => {
    const parsed = parseVmDefinition('web1.json', JSON.stringify({ ...complete, mac }));

    assert.equal(parsed.ok && parsed.value.mac, '52:54:00:00:00:11');
  });
}
