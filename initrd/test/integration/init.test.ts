import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { execa } from 'execa';

const init = join(import.meta.dirname, '../../init');

/** What the fake root holds; everything else is as after a good start. */
interface Situation {
  cmdline?: string;
  installerStatus?: number;
  marker?: boolean;
  dmesg?: string;
  modules?: string;
  efi?: boolean;
  failing?: string;
}

interface Outcome {
  console: string;
  calls: string[];
  root: string;
}

/** Records each call; answers for what would touch this machine, leaves the rest to its programs. */
const fakeBusybox = `#!/bin/sh
echo "$*" >>"$ROOT/calls"
[ "$1" != "$FAILING" ] || exit 1
case $1 in
  mount | sync | reboot | setsid | sleep) exit 0 ;;
  uname) echo 6.1.0-test ;;
  dmesg) cat "$ROOT/dmesg" ;;
  *) exec "$@" ;;
esac
`;

function fakeProgram(name: string, status: number): string {
  return `#!/bin/sh\necho "${name} $*" >>"$ROOT/calls"\nexit ${status}\n`;
}

async function start(context: TestContext, situation: Situation = {}): Promise<Outcome> {
  const root = mkdtempSync(join(tmpdir(), 'init-'));
  context.after(() => rmSync(root, { recursive: true }));
  put(root, 'usr/bin/busybox', fakeBusybox);
  put(root, 'usr/bin/udevadm', fakeProgram('udevadm', 0));
  put(root, 'usr/lib/systemd/systemd-udevd', fakeProgram('systemd-udevd', 0));
  put(root, 'usr/sbin/modprobe', fakeProgram('modprobe', 1));
  put(root, 'usr/bin/os-installer', fakeProgram('os-installer', situation.installerStatus ?? 0));
  put(root, 'proc/cmdline', `${situation.cmdline ?? 'console=ttyS0 ip=dhcp'}\n`);
  put(root, 'dmesg', situation.dmesg ?? '');
  mkdirSync(join(root, 'lib/modules'), { recursive: true });
  mkdirSync(join(root, situation.modules ?? 'lib/modules/6.1.0-test'), { recursive: true });
  if (situation.marker !== false) put(root, '.complete', '');
  if (situation.efi === true) mkdirSync(join(root, 'sys/firmware/efi'), { recursive: true });

  const env = { ROOT: root, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', FAILING: situation.failing ?? 'nothing' };
  // In a real root PATH holds only the root's programs; here the fake busybox needs this machine's.
  writeFileSync(
    join(root, 'init'),
    readFileSync(init, 'utf8').replace('\nexport PATH\n', '\nPATH=$PATH:/usr/bin:/bin\nexport PATH\n'),
  );
  const { stdout } = await execa('sh', [join(root, 'init')], { env, timeout: 10_000 });
  const calls = readFileSync(join(root, 'calls'), 'utf8').trimEnd().split('\n');
  return { console: stdout, calls: calls.map((call) => call.replaceAll(root, '')), root };
}

function put(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
  chmodSync(join(root, path), 0o755);
}

const shell = 'setsid /usr/bin/busybox cttyhack /usr/bin/busybox sh -l';

test('a good installation ends in sync and reboot, without a shell', async (context) => {
  const { console, calls } = await start(context);

  assert.deepEqual(calls.slice(calls.indexOf('os-installer ')), ['os-installer ', 'sync', 'reboot -f']);
  assert.equal(console, 'init: restarting');
});

test('udev runs and has settled before file system modules and the installer', async (context) => {
  const { calls } = await start(context);

  const order = [
    'systemd-udevd --daemon --resolve-names=never',
    'udevadm settle --timeout=60',
    'modprobe --quiet vfat',
    'os-installer ',
  ];
  const places = order.map((call) => calls.indexOf(call));
  assert.ok(!places.includes(-1), calls.join('\n'));
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});

test('an installation asked not to restart gives a shell and no reboot', async (context) => {
  const { console, calls } = await start(context, { installerStatus: 10 });

  assert.match(console, /^init: installed; staying here as asked/);
  assert.equal(calls.at(-1), shell);
  assert.ok(!calls.includes('reboot -f'));
});

test('a failed installation says so, names the logs and gives a shell', async (context) => {
  const { console, calls } = await start(context, { installerStatus: 2 });

  assert.match(console, /^init: os-installer failed with status 2: .* \/run\/os-installer\/$/m);
  assert.equal(calls.at(-1), shell);
  assert.ok(!calls.includes('reboot -f'));
});

test('when the memory ran out while it installed, that is said; and not when it did not', async (context) => {
  const dmesg = '[   61.2] Out of memory: Killed process 245 (os-installer) total-vm:1141328kB, anon-rss:38208kB\n';
  const ranOut = /^init: the kernel ended a program because the memory ran out: give this machine more/m;

  assert.match((await start(context, { installerStatus: 137, dmesg })).console, ranOut);
  assert.doesNotMatch((await start(context, { installerStatus: 137 })).console, ranOut);
});

test('initrd.mode=shell gives a shell and starts no installer', async (context) => {
  const { calls } = await start(context, { cmdline: 'quiet initrd.mode=shell ip=dhcp' });

  assert.equal(calls.at(-1), shell);
  assert.ok(!calls.includes('os-installer '));
});

test('initrd.mode=install is the default spelt out', async (context) => {
  assert.ok((await start(context, { cmdline: 'initrd.mode=install' })).calls.includes('os-installer '));
});

test('an unknown mode is named and starts no installer', async (context) => {
  const { console, calls } = await start(context, { cmdline: 'initrd.mode=rescue' });

  assert.match(console, /^init: initrd.mode="rescue" is unknown: expected install or shell/m);
  assert.ok(!calls.includes('os-installer '));
});

test('a missing end marker asks for more memory and starts neither udev nor the installer', async (context) => {
  const { console, calls } = await start(context, { marker: false });

  assert.match(console, /^init: the initrd is incomplete.*\ninit: give it more memory/);
  assert.ok(!calls.some((call) => /^(systemd-udevd|os-installer)/.test(call)));
  assert.equal(calls.at(-1), shell);
});

for (const words of [
  'Initramfs unpacking failed: write error',
  'rootfs image is not initramfs (write error); looks like an initrd',
]) {
  test(`modules that were cut short ask for more memory, where the kernel says "${words}"`, async (context) => {
    const { console, calls } = await start(context, { dmesg: `[    2.1] ${words}\n` });

    assert.match(console, /^init: the kernel modules are incomplete.*\ninit: give it more memory/);
    assert.ok(!calls.includes('os-installer '));
  });
}

for (const words of [
  'Initramfs unpacking failed: junk at the end of compressed archive',
  'rootfs image is not initramfs (decompressor failed); looks like an initrd',
]) {
  test(`the start goes on and names what may be damaged, where the kernel says "${words}"`, async (context) => {
    const { console, calls } = await start(context, { dmesg: `[    1.9] x\n[    2.1] ${words}\n[    2.2] y\n` });

    assert.ok(
      console.startsWith(`init: the kernel could not unpack all of initrd.gz and modules.cpio.gz ("${words}"): `),
    );
    assert.ok(calls.includes('os-installer '));
  });
}

test('modules below usr/lib are linked into lib, and the other way round', async (context) => {
  const below = await start(context, { modules: 'usr/lib/modules/6.1.0-test' });
  const above = await start(context, { modules: 'lib/modules/6.1.0-test' });

  assert.ok(existsSync(join(below.root, 'lib/modules/6.1.0-test')));
  assert.ok(existsSync(join(above.root, 'usr/lib/modules/6.1.0-test')));
});

test('modules of another kernel are reported', async (context) => {
  const { console } = await start(context, { modules: 'lib/modules/5.10.0-other' });

  assert.match(console, /^init: no modules for kernel 6.1.0-test: modules.cpio.gz is missing or belongs to another/m);
});

test('efivars are mounted on UEFI machines alone', async (context) => {
  const mount = 'mount -t efivarfs -o nosuid,nodev,noexec efivarfs /sys/firmware/efi/efivars';

  assert.ok((await start(context, { efi: true })).calls.includes(mount));
  assert.ok(!(await start(context)).calls.includes(mount));
});

test('a mount that fails is reported and the start goes on', async (context) => {
  const { calls, console } = await start(context, { failing: 'mount' });

  assert.match(console, /^init: mount proc on \/proc: failed$/m);
  assert.ok(calls.includes('os-installer '));
});
