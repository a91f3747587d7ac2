import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInstallerConfig } from '@pxeboot/config/contract/installer-config';
import { sampleImage } from '@pxeboot/config/test/support/sample-image';

import { installerConfigFor } from '../../src/render/vm-installer-config.ts';
import { sampleTarget } from '../support/sample-target.ts';

test('the configuration holds the contract fields and ours, with URLs of the asked host', () => {
  const install = {
    kernel_args: ['quiet'],
    disk: { path: '/dev/vda' },
    initramfs: 'generate' as const,
    selinux: 'image' as const,
    once: true,
  };

  const config = installerConfigFor(sampleTarget({ install }), sampleImage(), '10.0.0.1:81', {
    stay: false,
    reinstallToken: 'abc',
  });

  assert.deepEqual(config, {
    ok: true,
    value: {
      cloud_init_url: 'http://10.0.0.1:81/cloud-init/web1',
      distro: 'debian-12',
      arch: 'x86_64',
      rootfs_url: 'http://10.0.0.1:81/images/debian-12/x86_64/rootfs.tar.gz',
      kmods_url: 'http://10.0.0.1:81/images/debian-12/x86_64/modules.cpio.gz',
      kernel_url: 'http://10.0.0.1:81/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64',
      reboot_on_success: true,
      vm: 'web1',
      mac: '52:54:00:aa:bb:01',
      status_url: 'http://10.0.0.1:81/status/52:54:00:aa:bb:01',
      console: 'ttyS0,115200',
      kernel_args: ['quiet'],
      disk: { path: '/dev/vda' },
      initramfs: 'generate',
      selinux: 'image',
      once: true,
      reinstall_token: 'abc',
    },
  });
});

test("the installer's own parser takes it unchanged", () => {
  const config = installerConfigFor(sampleTarget(), sampleImage(), '10.0.0.1', { stay: true, reinstallToken: '' });

  assert.ok(config.ok);
  assert.equal(config.value.reboot_on_success, false);
  assert.deepEqual(parseInstallerConfig('test', JSON.stringify(config.value)), config);
});

test('no configuration is given for an incomplete image', () => {
  const config = installerConfigFor(sampleTarget(), sampleImage(['vmlinuz-6']), '10.0.0.1', {
    stay: false,
    reinstallToken: '',
  });

  assert.equal(config.ok, false);
});
