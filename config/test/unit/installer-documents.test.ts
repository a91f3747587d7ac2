import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInstallerConfig } from '../../src/installer-config.ts';
import { describeFault } from '../../src/result.ts';
import { parseStatusEvent } from '../../src/status-event.ts';

const contract = {
  cloud_init_url: 'http://192.168.105.1/cloud-init/web1/',
  distro: 'debian-12',
  arch: 'aarch64',
  rootfs_url: 'http://192.168.105.1/images/debian-12/aarch64/rootfs.tar.gz',
  kmods_url: 'http://192.168.105.1/images/debian-12/aarch64/modules.cpio.gz',
  kernel_url: 'http://192.168.105.1/images/debian-12/aarch64/vmlinuz-6.1',
  reboot_on_success: true,
};

test("the contract's seven fields make a complete configuration", () => {
  assert.deepEqual(parseInstallerConfig('config', JSON.stringify(contract)), {
    ok: true,
    value: {
      ...contract,
      cloud_init_url: 'http://192.168.105.1/cloud-init/web1',
      vm: '',
      mac: '',
      status_url: '',
      console: 'ttyAMA0',
      kernel_args: [],
      disk: {},
      initramfs: 'auto',
      once: false,
      reinstall_token: '',
    },
  });
});

test('a URL that is none and a missing field are both told', () => {
  const parsed = parseInstallerConfig(
    'config',
    JSON.stringify({ ...contract, rootfs_url: 'ftp://x/rootfs', kernel_url: undefined }),
  );

  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.faults.map(describeFault).toSorted(), [
    'config /kernel_url: is missing; add "kernel_url", an http URL',
    'config /rootfs_url "ftp://x/rootfs": is not valid; expected an http URL',
  ]);
});

test('an event is taken as it is', () => {
  const event = { seq: 1, at: '2026-01-01T00:00:00.000Z', step: 'unpack', state: 'progress', bytes: 10, total: 20 };

  assert.deepEqual(parseStatusEvent('POST', JSON.stringify(event)), { ok: true, value: event });
});

test('an event of an unknown state, or with a field that is not known, is refused', () => {
  const event = { seq: 0, at: '', step: 'unpack', state: 'done', secret: 1 };
  const parsed = parseStatusEvent('POST', JSON.stringify(event));

  assert.ok(!parsed.ok);
  assert.deepEqual(parsed.faults.map(({ path }) => path).toSorted(), ['/secret', '/seq', '/state']);
});
