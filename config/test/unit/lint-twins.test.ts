/** For each rule: what it finds, and the nearest thing that it must leave alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ImageVerdict } from '../../contract/published-images.ts';
import type { LintInput } from '../../lint/rules/index.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import { resolve } from '../../definitions/resolve.ts';
import { good, images, lintOne, lintText } from '../support/lint-one.ts';
import { sampleKey } from '../support/sample-vm.ts';

type Fields = Record<string, unknown> & { name?: string };

const range = { network: { dhcpRangeStart: '10.0.0.100', dhcpRangeEnd: '10.0.0.199' } };
const directory = 'images/debian-12/x86_64';

function imageOf(...names: string[]): Partial<LintInput> {
  return { images: new Map(images).set('debian-12/x86_64', { directory, exists: true, names }) };
}

/** The usual image, with what the server has found in it. */
function inspectedAs(found: Partial<ImageVerdict>): Partial<LintInput> {
  const verdict = { faults: [], warnings: [], kernelsWithoutModules: [], ...found };
  return { images: new Map([...images].map(([name, image]) => [name, { ...image, inspected: verdict }])) };
}

const twins: { rule: string; what: string; found: Fields; fine: Fields; more?: Partial<LintInput> }[] = [
  {
    rule: 'error not-in-force',
    what: 'a fault of the schema',
    found: { mac: '52:54:00:00:00' },
    fine: { mac: '52:54:0:0:0:1' },
  },
  {
    rule: 'error not-in-force',
    what: 'an IPv4 address outside its subnet',
    found: { ip: '10.0.1.20' },
    fine: { ip: '10.0.0.254' },
  },
  {
    rule: 'error not-in-force',
    what: 'an IPv6 address outside its subnet',
    found: { ipv6: 'fd00:1::20', subnetv6: 'fd00::/64' },
    fine: { ipv6: 'FD00:0::20', subnetv6: 'fd00::/64' },
  },
  {
    rule: 'error not-in-force',
    what: 'a word that is no OpenSSH key',
    found: { ssh_key: 'my key' },
    fine: { ssh_key: `${sampleKey}\n` },
  },
  {
    rule: 'error not-in-force',
    what: 'two keys in one line',
    found: { ssh_key: `${sampleKey}\n${sampleKey}` },
    fine: { ssh_key: `${sampleKey} and a comment` },
  },
  {
    rule: 'error not-in-force',
    what: 'half a key',
    found: { ssh_key: sampleKey.slice(0, 40) },
    fine: { ssh_key: sampleKey.replace(' me@laptop', '') },
  },
  {
    rule: 'warning network-address',
    what: 'the first address of the network',
    found: { ip: '10.0.0.0' },
    fine: { ip: '10.0.1.0', subnet: '10.0.0.0/23' },
  },
  {
    rule: 'warning network-address',
    what: 'the last address of the network',
    found: { ip: '10.0.0.255' },
    fine: { ip: '10.0.0.255', subnet: '10.0.0.0/23' },
  },
  {
    rule: 'note network-missing',
    what: 'an IPv6 address without its network',
    found: { ipv6: 'fd00::20' },
    fine: { ipv6: 'fd00::20', subnetv6: 'fd00::/64' },
  },
  {
    rule: 'note address-in-range',
    what: 'the first address of the dynamic range',
    found: { ip: '10.0.0.100' },
    fine: { ip: '10.0.0.99' },
    more: range,
  },
  {
    rule: 'note address-in-range',
    what: 'the last address of the dynamic range',
    found: { ip: '10.0.0.199' },
    fine: { ip: '10.0.0.200' },
    more: range,
  },
  {
    rule: 'warning address-elsewhere',
    what: 'an address just outside the private network',
    found: { ip: '10.0.0.31' },
    fine: { ip: '10.0.0.32' },
    more: { network: { ...range.network, cidr: '10.0.0.33/27' } },
  },
  { rule: 'warning no-key', what: 'a target without key', found: { ssh_key: undefined }, fine: {} },
  {
    rule: 'error not-in-force',
    what: 'a name under which other machines look for something',
    found: { name: 'wpad' },
    fine: { name: 'wpad2' },
  },
  {
    rule: 'warning reserved-name',
    what: 'a special-use domain',
    found: { name: 'test' },
    fine: { name: 'test1' },
  },
  {
    rule: 'warning reserved-name',
    what: "multicast DNS's domain",
    found: { name: 'local' },
    fine: { name: 'constructor' },
  },
  {
    rule: 'warning reserved-name',
    what: 'a target called like the provisioner',
    found: { name: 'provisioner' },
    fine: { name: 'provisioner', role: 'provisioner' },
  },
  {
    rule: 'warning image-architecture',
    what: 'an image that is there for the other architecture only',
    found: { arch: 'aarch64' },
    fine: { arch: 'x86_64' },
  },
  {
    rule: 'warning image-files',
    what: 'a kernel that is not there',
    found: { kernel: 'vmlinuz-6.2' },
    fine: { kernel: 'vmlinuz-6.1' },
  },
  {
    rule: 'warning image-files',
    what: 'an initrd that is not there, where the VM boots it',
    found: { pxeboot: false, initrd: 'initrd.img-6.2' },
    fine: { pxeboot: true, initrd: 'initrd.img-6.2' },
  },
  {
    rule: 'warning image-files',
    what: 'no modules, where the installer needs them',
    found: { pxeboot: true },
    fine: { pxeboot: false },
    more: imageOf('vmlinuz-6.1', 'initrd.img-6.1', 'rootfs.tar.gz'),
  },
  {
    rule: 'warning image-files',
    what: 'no initrd, where the VM boots it',
    found: { pxeboot: false },
    fine: { pxeboot: true },
    more: imageOf('vmlinuz-6.1', 'rootfs.tar.zst', 'modules.cpio.gz'),
  },
  {
    rule: 'warning image-files',
    what: 'a distribution without any image',
    found: {},
    fine: { role: 'provisioner' },
    more: { images: new Map([...images].map(([name, image]) => [name, { ...image, exists: false }])) },
  },
  {
    rule: 'warning image-content',
    what: 'an image that cannot be installed',
    found: {},
    fine: { pxeboot: false },
    more: inspectedAs({ faults: [{ problem: 'is an HTML page', fix: 'fetch it again' }] }),
  },
  {
    rule: 'warning image-content',
    what: 'an image without cloud-init',
    found: {},
    fine: { pxeboot: false },
    more: inspectedAs({ warnings: [{ level: 'warning', problem: 'has no cloud-init', fix: 'install it' }] }),
  },
  {
    rule: 'warning image-files',
    what: 'a kernel without modules',
    found: {},
    fine: { pxeboot: false },
    more: inspectedAs({ kernelsWithoutModules: ['vmlinuz-6.1'] }),
  },
  { rule: 'warning misspelt-field', what: 'two letters swapped', found: { kerenl: 'x' }, fine: { colonel: 'x' } },
  {
    rule: 'warning misspelt-field',
    what: 'another separator',
    found: { 'subnet-v6': 'x' },
    fine: { 'vlan-id': 7 },
  },
];

for (const { rule, what, found, fine, more } of twins) {
  test(`${rule}: ${what}, and what comes next to it is left alone`, () => {
    const [first = '', ...others] = lintOne(found, more);

    assert.ok(first.startsWith(`${rule} ${found.name ?? 'web1'}.json `), first);
    assert.deepEqual(others, []);
    assert.deepEqual(lintOne(fine, more), []);
  });
}

test('error last-good-in-force: a file that has become bad, and one that was never good is not in force', () => {
  const [was, is] = [JSON.stringify(good), '{"name": "web1"'];
  const before = resolve(undefined, [{ file: 'web1.json', fingerprint: 'a', kind: 'read', text: was }], new Date());
  const after = resolve(before, [{ file: 'web1.json', fingerprint: 'b', kind: 'read', text: is }], new Date());

  const found = lintDefinitions({ names: ['web1.json'], texts: new Map([['web1.json', is]]), state: after, images });

  assert.deepEqual(
    found.map(({ level, rule, file }) => [level, rule, file]),
    [['error', 'last-good-in-force', 'web1.json']],
  );
  assert.match(lintText('web1.json', is)[0] ?? '', /^error not-in-force web1\.json .*is not JSON/);
});
