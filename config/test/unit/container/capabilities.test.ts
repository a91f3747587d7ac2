import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { describeMissingCapabilities } from '../../../container/decide/capabilities.ts';

const status = (capabilities: string, uid = 0) =>
  `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapPrm:\t0000000000000000\nCapEff:\t${capabilities}\n`;
/** capsh --decode: what Docker and podman give without any option. */
const [docker, podman] = ['00000000a80425fb', '00000000800405fb'];
const netAdmin = (set: string) => (BigInt(`0x${set}`) | (1n << 12n)).toString(16).padStart(16, '0');
const says = 'check the capabilities of the container: it lacks';

/** `--cap-drop ALL` with the README's: chown 0, kill 5, setgid 6, setuid 7, setpcap 8, net_bind_service 10, net_admin 12. */
const readme = '00000000000015e1';

test('with what the README gives nothing is missing, and an IPv6 range takes NET_RAW', () => {
  assert.equal(describeMissingCapabilities(status(readme), false), undefined);
  assert.equal(
    describeMissingCapabilities(status(readme), true),
    `${says} NET_RAW (to answer DHCPv6); start it with "--cap-add NET_RAW", or with --privileged`,
  );
});

for (const [name, bit] of [
  ['CHOWN', 0],
  ['KILL', 5],
  ['SETGID', 6],
  ['SETUID', 7],
  ['SETPCAP', 8],
  ['NET_BIND_SERVICE', 10],
  ['NET_ADMIN', 12],
] as const) {
  test(`without ${name} the start says what it is for, and how to add it`, () => {
    const text = describeMissingCapabilities(status((0x15e1 & ~(1 << bit)).toString(16)), false) ?? '';

    assert.match(
      text,
      new RegExp(`it lacks ${name} \\(to [^()]+\\); start it with "--cap-add ${name}", or with --privileged$`),
    );
  });
}

test("nothing is missing with Docker's defaults and NET_ADMIN, nor with --privileged", () => {
  assert.equal(describeMissingCapabilities(status(netAdmin(docker)), true), undefined);
  assert.equal(describeMissingCapabilities(status('000001ffffffffff'), true), undefined);
});

test("Docker's defaults lack NET_ADMIN", () => {
  assert.equal(
    describeMissingCapabilities(status(docker), true),
    `${says} NET_ADMIN (to answer DHCP); start it with "--cap-add NET_ADMIN", or with --privileged`,
  );
});

test("podman's lack NET_RAW too, which only DHCPv6 needs", () => {
  assert.equal(describeMissingCapabilities(status(netAdmin(podman)), false), undefined);
  assert.equal(
    describeMissingCapabilities(status(podman), true),
    `${says} NET_ADMIN (to answer DHCP), NET_RAW (to answer DHCPv6); start it with "--cap-add NET_ADMIN --cap-add NET_RAW", or with --privileged`,
  );
});

test('another user than root is the reason for all of them', () => {
  const text = describeMissingCapabilities(status('0000000000000000', 1000), false) ?? '';

  assert.match(text, /CHOWN .*, NET_ADMIN \(to answer DHCP\); it runs as user 1000; start it without --user, as root$/);
});

test('a kernel that does not say is no obstacle', () => {
  assert.equal(describeMissingCapabilities('Name:\tnode\n', true), undefined);
});

test('every capability that a service is started with is asked for', () => {
  const root = join(import.meta.dirname, '../../../..');
  const files = ['supervisord.conf', 'config/container/programs/start-nginx'].map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  const kept = files.join('').matchAll(/,\+(\w+)/g);
  const text = describeMissingCapabilities(status('0000000000000000'), true) ?? '';

  for (const [, name = ''] of kept) assert.ok(text.includes(` ${name.toUpperCase()} (`), name);
});
