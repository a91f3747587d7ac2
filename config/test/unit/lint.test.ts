import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScannedFile } from '../../definitions/resolve.ts';
import { resolve } from '../../definitions/resolve.ts';
import { isSshPublicKey } from '../../kit/ssh-key.ts';
import { duplicateKeys, lintDuplicateKeys } from '../../lint/rules/duplicate-keys.ts';
import { lintFileNames } from '../../lint/rules/file-names.ts';
import type { LintInput } from '../../lint/rules/index.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import { editDistance } from '../../lint/rules/spelling.ts';
import { good, images, line, lintOne } from '../support/lint-one.ts';
import { sampleKey as key } from '../support/sample-vm.ts';

test('a good definition has no finding', () => {
  assert.deepEqual(
    lintOne({}, { network: { dhcpRangeStart: '10.0.0.100', dhcpRangeEnd: '10.0.0.199', cidr: '10.0.0.1/24' } }),
    [],
  );
});

test('each rule finds what it is for, with file, path, value, reason and fix', () => {
  const range = { network: { dhcpRangeStart: '10.0.0.20', dhcpRangeEnd: '10.0.0.20' } };
  const elsewhere = { dhcpRangeStart: '10.0.0.100', dhcpRangeEnd: '10.0.0.199' };
  const cases: [Record<string, unknown>, Partial<LintInput>, string][] = [
    [
      { mac: 'zz' },
      {},
      'error not-in-force web1.json /mac "zz": is not a MAC address; expected six hex pairs such as 52:54:00:12:34:56',
    ],
    [
      { ip: '10.0.1.20' },
      {},
      'error not-in-force web1.json /ip "10.0.1.20": is outside its network; choose an address inside 10.0.0.0/24 or correct "subnet"',
    ],
    [
      { name: 'test' },
      {},
      'warning reserved-name test.json /name "test": is a special-use domain (RFC 6761, 6.2), so some resolvers do not ask for it without ".pvmlab.local"; choose another name, or always write test.pvmlab.local',
    ],
    [
      { name: 'my_vm' },
      {},
      'warning guest-name my_vm.json /name "my_vm": is no host name (RFC 1123, 2.1), so the guest is called "my-vm", and my-vm.pvmlab.local in DNS; nothing has to be done; to have one name, rename the file to my-vm.json and set "name" to "my-vm"',
    ],
    [
      { distro: undefined },
      {},
      'warning no-distro web1.json /distro: is missing, so the VM gets DHCP and DNS, and nothing to boot over the network; add "distro", the name of a directory under images/ such as "debian-12"',
    ],
    [
      { distro: undefined, pxeboot: undefined, role: undefined },
      {},
      'note no-distro web1.json /distro: is missing, so the VM gets DHCP and DNS, and nothing to boot over the network; add "distro", the name of a directory under images/ such as "debian-12"',
    ],
    [
      { name: 'provisioner' },
      {},
      'warning reserved-name provisioner.json /name "provisioner": is what the provisioner is called in most networks, and this VM is a target; choose another name, or set "role" to "provisioner"',
    ],
    [
      { ip: '10.0.0.0' },
      {},
      'warning network-address web1.json /ip "10.0.0.0": is the address of the network itself; choose another in 10.0.0.0/24',
    ],
    [
      { ip: '10.0.0.255' },
      {},
      'warning network-address web1.json /ip "10.0.0.255": is the network\'s broadcast address; choose another in 10.0.0.0/24',
    ],
    [
      { subnet: '' },
      {},
      'note network-missing web1.json /subnet: is missing, so "ip" cannot be checked against it; add "subnet", the network of 10.0.0.20 in CIDR form',
    ],
    [
      {},
      range,
      'note address-in-range web1.json /ip "10.0.0.20": lies in the dynamic range 10.0.0.20 to 10.0.0.20; that is allowed; nothing to do; an address outside the range can never be lent to another guest before this VM is defined',
    ],
    [
      {},
      { network: { dhcpRangeStart: '10.9.0.2', dhcpRangeEnd: '10.9.0.9', cidr: '10.9.0.1/24' } },
      'warning address-elsewhere web1.json /ip "10.0.0.20": lies outside the private network 10.9.0.1/24, so the VM gets another address; choose an address in that network, or remove "ip"',
    ],
    [
      { ipv6: 'fd00:105::20', subnetv6: 'fd00:105::/64' },
      { network: { ...elsewhere, dhcpV6: false, cidrsV6: ['fd00:105::1/64'] } },
      'warning address-elsewhere web1.json /ipv6 "fd00:105::20": is given to nobody: the container has no IPv6 range; start the container with DHCP_RANGE_V6_START and DHCP_RANGE_V6_END, or remove "ipv6"',
    ],
    [
      { ipv6: 'fd00:105::20', subnetv6: 'fd00:105::/64' },
      { network: { ...elsewhere, dhcpV6: true, cidrsV6: [] } },
      'warning address-elsewhere web1.json /ipv6 "fd00:105::20": is given to nobody: the private interface has no IPv6 network; give that interface an address of the network, or remove "ipv6"',
    ],
    [
      { ipv6: 'fd00:105::20', subnetv6: 'fd00:105::/64' },
      { network: { ...elsewhere, dhcpV6: true, cidrsV6: ['fd00:106::1/64'] } },
      'warning address-elsewhere web1.json /ipv6 "fd00:105::20": lies outside the private network fd00:106::1/64, so the VM gets another address; choose an address in that network, or remove "ipv6"',
    ],
    [
      { ipv6: 'fd00:105::1', subnetv6: 'fd00:105::/64' },
      { network: { ...elsewhere, dhcpV6: true, cidrsV6: ['FD00:105:0::1/64'] } },
      'warning address-elsewhere web1.json /ipv6 "fd00:105::1": is the provisioner\'s own address; choose another address',
    ],
    [
      { distro: 'debian-13' },
      {
        images: new Map([
          ['debian-13/x86_64', { directory: 'images/debian-13/x86_64', exists: false, names: [] }],
          ['debian-13/aarch64', { directory: 'images/debian-13/aarch64', exists: false, names: [] }],
        ]),
      },
      'warning image-files web1.json /distro "debian-13": the directory images/debian-13/x86_64 is missing; run "pvmlab distro pull" for debian-13 (x86_64), put the files there, or correct "distro" or "arch"',
    ],
    [
      { arch: 'aarch64' },
      {},
      'warning image-architecture web1.json /arch "aarch64": has no image: images/debian-12/aarch64 is missing, images/debian-12/x86_64 is there; correct "arch", or run "pvmlab distro pull" for debian-12 (aarch64)',
    ],
    [
      { kernel: 'vmlinuz-5' },
      {},
      'warning image-files web1.json /kernel "vmlinuz-5": images/debian-12/x86_64 has no "vmlinuz-5"; it has vmlinuz-6.1; correct "kernel", remove it to use the newest vmlinuz*, or put the file there',
    ],
    [
      { pxeboot: false, initrd: 'initrd.img-5' },
      {},
      'warning image-files web1.json /initrd "initrd.img-5": images/debian-12/x86_64 has no "initrd.img-5"; it has initrd.img-6.1; correct "initrd", remove it to use the newest initrd* or initramfs*, or put the file there',
    ],
    [
      { ssh_key: '' },
      {},
      'warning no-key web1.json /ssh_key: is missing, so nobody can log in to the installed VM; add "ssh_key", one OpenSSH public key line',
    ],
    [
      { pxebot: true },
      {},
      'warning misspelt-field web1.json /pxebot true: is not a known field and is ignored; it looks like "pxeboot"; rename it to "pxeboot", or remove it',
    ],
    [
      { 'SSH-Key': key },
      {},
      `warning misspelt-field web1.json /SSH-Key "${key.slice(0, 79)}…: is not a known field and is ignored; it looks like "ssh_key"; rename it to "ssh_key", or remove it`,
    ],
  ];

  for (const [fields, more, expected] of cases) assert.deepEqual(lintOne(fields, more), [expected]);
});

test('an IPv6 address that is given, one of which nothing is known, and that of the provisioner have no finding', () => {
  const range = { dhcpRangeStart: '10.0.0.100', dhcpRangeEnd: '10.0.0.199' };
  const fields = { ipv6: 'fd00:105::20', subnetv6: 'fd00:105::/64' };
  const given = { ...range, dhcpV6: true, cidrsV6: ['fd00:99::1/64', 'fd00:105::1/64'] };

  assert.deepEqual(lintOne(fields, { network: given }), []);
  assert.deepEqual(lintOne(fields, { network: range }), []);
  assert.deepEqual(lintOne(fields), []);
  assert.deepEqual(lintOne({ ...fields, role: 'provisioner' }, { network: { ...given, dhcpV6: false } }), []);
});

test('modules, kernel and root file system that are missing are each one finding', () => {
  const empty = new Map(images).set('debian-12/x86_64', { directory: 'images/d', exists: true, names: [] });

  const found = lintOne({}, { images: empty });

  assert.deepEqual(
    found.map((text) => text.replace(/^.*"debian-12": /, '').replace(/;.*/, '')),
    [
      'images/d has no vmlinuz*',
      'images/d has no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar',
      'images/d has no modules.cpio.gz',
    ],
  );
});

test('what is allowed is not found: an edge of a /31, an unlike field, a provisioner without key or image', () => {
  assert.deepEqual(lintOne({ ip: '10.0.0.20', subnet: '10.0.0.20/31' }), []);
  assert.deepEqual(lintOne({ comment: 'mine', owner: 'me', ssh_port: 2222, vms_path: '/x' }), []);
  assert.deepEqual(lintOne({ role: 'provisioner', ssh_key: '', distro: undefined }), []);
  assert.deepEqual(lintOne({ distro: 'unlisted' }, { images: undefined }), []);
});

test('of two VMs with one MAC the loser names both', () => {
  const other = JSON.stringify({ ...good, name: 'web2', ip: '10.0.0.21' });
  const texts = new Map([
    ['web1.json', JSON.stringify(good)],
    ['web2.json', other],
  ]);
  const scanned = [...texts].map(([file, text]): ScannedFile => ({ file, fingerprint: '', kind: 'read', text }));

  const found = lintDefinitions({ names: [], texts, state: resolve(undefined, scanned, new Date()), images });

  assert.deepEqual(found.map(line), [
    'error not-in-force web2.json /mac "52:54:00:00:00:01": is already held by web1.json; change "mac" in web2.json or in web1.json',
  ]);
});

test('a key that stands twice is found at any depth, and equal keys of different objects are not', () => {
  assert.deepEqual(lintDuplicateKeys('a.json', '{"mac":"x","m\\u0061c":"y"}').map(line), [
    'warning duplicate-key a.json /mac: stands twice in one object; the last one counts; remove all but one',
  ]);
  assert.deepEqual(duplicateKeys('{"a":[{"b":1},{"b":{"c":1,"c":2}}],"a":0,"a/b~":1,"a/b~":2}'), [
    '/a/1/b/c',
    '/a',
    '/a~1b~0',
  ]);
  assert.deepEqual(duplicateKeys('{"a":"a","b":["a","a",{"a":{"a":"{\\"a\\":1,\\"a\\":2}"}}],"":1}'), []);
  assert.deepEqual(duplicateKeys('{"":1,"":2}'), ['/']);
});

test('names that look like a definition and are not read are found; disks, notes and dot files are not', () => {
  const all = ['web1.json', 'Web2.json', 'web3.JSON', 'web4.json.txt', 'web5.json.1', 'web6.jsonc', '.web7.json.txt'];

  const found = lintFileNames([...all, 'web1.qcow2', 'web1.noreboot', 'notes.txt', 'web1.json.swp']);

  assert.deepEqual(
    found.map((f) => `${f.level} ${f.rule} ${f.file} -> ${f.fix}`),
    [
      'note file-name-case Web2.json -> rename it to "web2.json"',
      'warning file-not-read web3.JSON -> rename it to "web3.json"',
      'warning file-not-read web4.json.txt -> rename it to "web4.json"',
      'warning file-not-read web5.json.1 -> rename it to "web5.json"',
      'warning file-not-read web6.jsonc -> rename it to "web6.json"',
    ],
  );
});

test('a swap of neighbours counts as one slip', () => {
  assert.deepEqual(
    [editDistance('mac', 'mca'), editDistance('', 'ab'), editDistance('distro', 'distro'), editDistance('a', 'b')],
    [1, 2, 0, 1],
  );
});

test('a key is decoded: another type inside, a field cut short, a wrong length and no key at all are refused', () => {
  const blob = (...fields: Buffer[]): string =>
    Buffer.concat(
      fields.flatMap((field) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(field.length);
        return [length, field];
      }),
    ).toString('base64');
  const ed25519 = Buffer.from('ssh-ed25519');

  assert.ok(isSshPublicKey(key));
  assert.ok(isSshPublicKey(`ssh-ed25519 ${blob(ed25519, Buffer.alloc(32))}`));
  assert.ok(isSshPublicKey(`ssh-rsa ${blob(Buffer.from('ssh-rsa'), Buffer.from([1, 0, 1]), Buffer.alloc(257))}`));
  assert.ok(!isSshPublicKey(`ssh-rsa ${blob(ed25519, Buffer.alloc(32))}`), 'type');
  assert.ok(!isSshPublicKey(`ssh-ed25519 ${blob(ed25519, Buffer.alloc(31))}`), 'length');
  assert.ok(!isSshPublicKey(`ssh-ed25519 ${blob(ed25519)}`), 'no key');
  assert.ok(!isSshPublicKey(key.replace('p6fG', '')), 'cut short');
});

test('an SSH key is one line, however its reader ends lines', () => {
  for (const end of ['\n', '\r', '\u000b', '\u001d', '\u0085', '\u2028', '\u2029'])
    assert.ok(!isSshPublicKey(`${key}${end}${key}`), JSON.stringify(end));
});
