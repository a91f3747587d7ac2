import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseVmDefinition } from '../../contract/vm-definition.ts';
import { describeFault } from '../../kit/fault.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvT1u0m2yKnRZrXlqFHC7sfI6X7oGgAqQ0t2cQ0p6fG me@laptop';
const complete = {
  name: 'web1',
  role: 'target',
  arch: 'x86_64',
  mac: '52:54:00:12:34:56',
  ip: '192.168.105.20',
  subnet: '192.168.105.0/24',
  ipv6: 'fd00:105::20',
  subnetv6: 'fd00:105::/64',
  pxeboot: true,
  distro: 'debian-12',
  kernel: 'vmlinuz-6.1.0-56-cloud-amd64',
  initrd: 'initrd.img-6.1.0-56-cloud-amd64',
  ssh_key: key,
};

function faultsOf(text: string, file = 'web1.json'): string[] {
  const parsed = parseVmDefinition(file, text);
  return parsed.ok ? [] : parsed.faults.map(describeFault);
}

function faultsWith(changes: object, file?: string): string[] {
  return faultsOf(JSON.stringify({ ...complete, ...changes }), file);
}

test('a definition as pvmlab writes it is normalised: spellings, empty fields, the key without its newline', () => {
  const text = JSON.stringify({
    ...complete,
    mac: '5254.0012.3456',
    ipv6: '',
    subnetv6: '',
    kernel: '',
    ssh_key: `${key}\n`,
    ssh_port: 2222,
    pxe_boot_stack_tar: 'pxeboot_stack.tar',
  });

  assert.deepEqual(parseVmDefinition('web1.json', text), {
    ok: true,
    value: {
      name: 'web1',
      role: 'target',
      arch: 'x86_64',
      mac: '52:54:00:12:34:56',
      ip: '192.168.105.20',
      subnet: '192.168.105.0/24',
      pxeboot: true,
      distro: 'debian-12',
      initrd: 'initrd.img-6.1.0-56-cloud-amd64',
      ssh_key: key,
      install: { kernel_args: [], disk: {}, initramfs: 'auto', selinux: 'image', once: false },
    },
  });
});

test('what pvmlab and its older versions leave out is filled: a target, and no distribution', () => {
  const parsed = parseVmDefinition('web1.json', JSON.stringify({ name: 'web1', arch: 'aarch64', mac: complete.mac }));

  assert.deepEqual(parsed, {
    ok: true,
    value: {
      name: 'web1',
      role: 'target',
      arch: 'aarch64',
      mac: '52:54:00:12:34:56',
      pxeboot: false,
      install: { kernel_args: [], disk: {}, initramfs: 'auto', selinux: 'image', once: false },
    },
  });
});

test('an empty distribution is none', () => {
  const parsed = parseVmDefinition('web1.json', JSON.stringify({ ...complete, distro: '' }));

  assert.ok(parsed.ok);
  assert.ok(!('distro' in parsed.value));
});

test('a provisioner needs neither distribution nor addresses, and pxeboot is off when absent', () => {
  const parsed = parseVmDefinition(
    'prov.json',
    JSON.stringify({ name: 'prov', role: 'provisioner', arch: 'aarch64', mac: '52-54-00-00-00-01' }),
  );

  assert.ok(parsed.ok);
  assert.equal(parsed.value.mac, '52:54:00:00:00:01');
  assert.equal(parsed.value.pxeboot, false);
});

test('every disk hint is kept as it is written', () => {
  const disk = { path: '/dev/disk/by-id/x', serial: 'S 1', wwn: 'naa.5000c500a1b2c3d4', min_size: '20GiB' };

  const parsed = parseVmDefinition('web1.json', JSON.stringify({ ...complete, install: { disk } }));

  assert.deepEqual(parsed.ok && parsed.value.install.disk, disk);
});

test('a byte order mark before the object is passed over', () => {
  assert.deepEqual(faultsOf(`\uFEFF${JSON.stringify(complete)}`), []);
});

const noObjects: [string, string, RegExp][] = [
  ['an empty file', '', /^web1\.json "": is empty; write a JSON object into it$/],
  ['white space', ' \n', /is empty/],
  [
    'half a file',
    '{"name": "web1", ',
    /^web1\.json "\{.*": is not JSON: line 1, column 18: the end of the text, and the "\{" of line 1 is not closed; close it with "\}"; the file may be cut short$/,
  ],
  ['a list', '[]', /^web1\.json "\[\]": is not a JSON object; write \{"name": …\}$/],
  ['null', 'null', /is not a JSON object/],
];
for (const [what, text, expected] of noObjects) {
  test(`${what} is no definition`, () => {
    const faults = faultsOf(text);

    assert.equal(faults.length, 1);
    assert.match(faults[0] ?? '', expected);
  });
}

const wrong: [string, object, string][] = [
  [
    'a malformed MAC',
    { mac: '52:54:00:zz:00:01' },
    'web1.json /mac "52:54:00:zz:00:01": is not a MAC address; expected six hex pairs such as 52:54:00:12:34:56',
  ],
  ['no MAC', { mac: undefined }, 'web1.json /mac: is missing; add "mac", six hex pairs such as 52:54:00:12:34:56'],
  ['no architecture', { arch: undefined }, 'web1.json /arch: is missing; add "arch", one of "aarch64", "x86_64"'],
  [
    'a multicast MAC',
    { mac: '01:00:5e:00:00:01' },
    'web1.json /mac "01:00:5e:00:00:01": is no machine\'s address: it names a group of machines (multicast); expected an address whose second digit is even, such as 52:54:00:12:34:56',
  ],
  [
    'a prefix in the address',
    { ip: '192.168.105.20/24' },
    'web1.json /ip "192.168.105.20/24": is not valid; expected an IPv4 address of one machine, without prefix, such as 192.168.105.20, or nothing',
  ],
  [
    'another role',
    { role: 'server' },
    'web1.json /role "server": is none of the possible values; use one of "target", "provisioner"',
  ],
  [
    "Debian's name of the architecture",
    { arch: 'amd64' },
    'web1.json /arch "amd64": is none of the possible values; use one of "aarch64", "x86_64"',
  ],
  [
    'text in place of a boolean',
    { pxeboot: 'yes' },
    'web1.json /pxeboot "yes": is not of type boolean; write true or false, without quotes',
  ],
  [
    'one kernel argument in place of a list',
    { install: { kernel_args: 'quiet' } },
    'web1.json /install/kernel_args "quiet": is not of type array; write a list in brackets such as ["mitigations=off","net.ifnames=0"]',
  ],
  [
    'too many kernel arguments',
    { install: { kernel_args: Array.from({ length: 65 }, () => 'a') } },
    `web1.json /install/kernel_args ${JSON.stringify(Array.from({ length: 65 }, () => 'a')).slice(0, 80)}…: is not valid; it must NOT have more than 64 items`,
  ],
  [
    'an unknown key under install',
    { install: { user_date: '' } },
    'web1.json /install/user_date: is not known here; remove it or correct its spelling; known are kernel_args, disk, initramfs, selinux, once',
  ],
  [
    'a disk size without unit',
    { install: { disk: { min_size: '20' } } },
    'web1.json /install/disk/min_size "20": is not valid; expected a size such as 20GiB',
  ],
  [
    'a disk serial with a line break',
    { install: { disk: { serial: 'a\nb' } } },
    'web1.json /install/disk/serial "a\\nb": is not valid; expected a serial number such as S4EWNX0M',
  ],
  [
    'a world wide name with a space',
    { install: { disk: { wwn: '0x5000 1' } } },
    'web1.json /install/disk/wwn "0x5000 1": is not valid; expected a world wide name such as 0x5000c500a1b2c3d4',
  ],
  [
    'an unknown disk hint',
    { install: { disk: { size: '20GiB' } } },
    'web1.json /install/disk/size: is not known here; remove it or correct its spelling; known are path, serial, wwn, min_size',
  ],
  [
    'an address outside its network',
    { ip: '10.0.0.5' },
    'web1.json /ip "10.0.0.5": is outside its network; choose an address inside 192.168.105.0/24 or correct "subnet"',
  ],
  [
    'a key whose blob is of another type',
    { ssh_key: key.replace('ssh-ed25519', 'ssh-rsa') },
    `web1.json /ssh_key "${key.replace('ssh-ed25519', 'ssh-rsa').slice(0, 79)}…: is not valid; expected one OpenSSH public key line such as "ssh-ed25519 AAAAC3Nz… me@laptop"`,
  ],
];
for (const [what, changes, expected] of wrong) {
  test(`${what} is named with its value and the fix`, () => {
    assert.deepEqual(faultsWith(changes), [expected]);
  });
}

const noMachines = {
  ip: ['0.0.0.0', '127.0.0.1', '169.254.1.1', '224.0.0.1', '255.255.255.255'],
  ipv6: ['::', '::1', 'fe80::1', 'FF02::1'],
};
for (const [field, addresses] of Object.entries(noMachines)) {
  for (const address of addresses) {
    test(`${field} ${address}, which no machine can be given, is refused`, () => {
      const [fault = ''] = faultsWith({ [field]: address, subnet: '' });

      assert.ok(fault.startsWith(`web1.json /${field} "${address}": is not valid; expected an IPv`), fault);
    });
  }
}

for (const field of ['distro', 'kernel', 'initrd']) {
  for (const value of ['../../etc', 'a/b', 'a b', 'a\nb', '${x}', '.hidden']) {
    test(`${field} ${JSON.stringify(value)} is refused`, () => {
      const [fault = ''] = faultsWith({ [field]: value });

      assert.ok(fault.startsWith(`web1.json /${field} ${JSON.stringify(value)}: is not valid`), fault);
    });
  }
}

test('a name that differs from the file name is named with both ways out', () => {
  assert.deepEqual(faultsWith({}, 'web2.json'), [
    'web2.json /name "web1": differs from the file name; rename the file to web1.json or set "name" to "web2"',
  ]);
});

test('all faults are told at once', () => {
  const faults = faultsWith({ mac: 'x', arch: 'riscv64', role: 'server' });

  assert.deepEqual(faults.map((fault) => fault.split(/[ :]/)[1]).toSorted(), ['/arch', '/mac', '/role']);
});
