import assert from 'node:assert/strict';
import { test } from 'node:test';

import { showValue } from '@pxeboot/config/kit/text';
import { sampleImage } from '@pxeboot/config/test/support/sample-image';

import { decideBoot } from '../../src/render/boot-context.ts';
import { sampleTarget } from '../support/sample-target.ts';

const host = '192.168.105.1';

test('a VM with pxeboot boots the installer with two archives', () => {
  assert.deepEqual(decideBoot(sampleTarget(), sampleImage(), host, false), {
    kind: 'install',
    context: {
      vm: 'web1',
      distro: 'debian-12',
      arch: 'x86_64',
      kernelUrl: 'http://192.168.105.1/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64',
      kernelArgs: [
        'console=ttyS0,115200',
        'ip=dhcp',
        'config_url=http://192.168.105.1/config/52:54:00:aa:bb:01',
        'installer_mac=52:54:00:aa:bb:01',
        'rootfstype=ramfs',
      ],
      initrdUrls: [
        'http://192.168.105.1/initrds/x86_64/initrd.gz',
        'http://192.168.105.1/images/debian-12/x86_64/modules.cpio.gz',
      ],
      whyUrl: 'http://192.168.105.1/ipxe/why?mac=52:54:00:aa:bb:01',
    },
  });
});

test('a VM without pxeboot boots its own kernel and initrd from the labelled disk, and never the installer', () => {
  assert.deepEqual(decideBoot(sampleTarget({ pxeboot: false }), sampleImage(), host, false), {
    kind: 'direct',
    context: {
      vm: 'web1',
      distro: 'debian-12',
      arch: 'x86_64',
      kernelUrl: 'http://192.168.105.1/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64',
      kernelArgs: ['root=LABEL=cloudimg-rootfs', 'ro', 'console=ttyS0,115200'],
      initrdUrls: ['http://192.168.105.1/images/debian-12/x86_64/initrd.img-6.1.0-56-cloud-amd64'],
      whyUrl: 'http://192.168.105.1/ipxe/why?mac=52:54:00:aa:bb:01',
    },
  });
});

test('an aarch64 VM gets the console and the initrd of its architecture', () => {
  const decision = decideBoot(sampleTarget({ arch: 'aarch64' }), sampleImage(), host, false);

  assert.ok(decision.kind === 'install');
  assert.equal(decision.context.kernelArgs[0], 'console=ttyAMA0');
  assert.equal(decision.context.initrdUrls[0], 'http://192.168.105.1/initrds/aarch64/initrd.gz');
});

test('kernel_args come last, so that they win', () => {
  const install = {
    kernel_args: ['console=tty0', 'panic=-1'],
    disk: {},
    initramfs: 'auto' as const,
    selinux: 'image' as const,
    once: false,
  };

  const decision = decideBoot(sampleTarget({ install }), sampleImage(), host, false);

  assert.ok(decision.kind === 'install');
  assert.deepEqual(decision.context.kernelArgs.slice(-2), ['console=tty0', 'panic=-1']);
});

test('kernel_args for the installer alone are not sent to a system that is booted directly', () => {
  const kernel_args = ['ip=10.0.0.5:::255.255.255.0', 'panic=-1'];
  const install = { kernel_args, disk: {}, initramfs: 'auto' as const, selinux: 'image' as const, once: false };
  const argumentsOf = (pxeboot: boolean): string[] => {
    const decision = decideBoot(sampleTarget({ install, pxeboot }), sampleImage(), host, false);
    return decision.kind === 'install' || decision.kind === 'direct' ? decision.context.kernelArgs : [];
  };

  assert.deepEqual(argumentsOf(true).slice(-2), kernel_args);
  assert.deepEqual(argumentsOf(false).slice(-2), ['console=ttyS0,115200', 'panic=-1']);
});

test('a kernel line longer than Linux takes blocks the boot instead of being cut by the kernel', () => {
  const install = {
    kernel_args: Array.from({ length: 10 }, (_, n) => `x${n}=${'y'.repeat(250)}`),
    disk: {},
    initramfs: 'auto' as const,
    selinux: 'image' as const,
    once: false,
  };

  assert.deepEqual(decideBoot(sampleTarget({ install }), sampleImage(), host, false), {
    kind: 'faulty',
    faults: [
      {
        file: '',
        path: '/install/kernel_args',
        value: showValue(install.kernel_args),
        problem: 'the kernel line has 2723 characters and Linux takes 2047',
        fix: 'shorten "install.kernel_args"',
      },
    ],
  });
});

test('the name of the kernel counts: under UEFI iPXE puts it before the arguments', () => {
  const decide = (kernel_args: string[]) => {
    const install = { kernel_args, disk: {}, initramfs: 'auto' as const, selinux: 'image' as const, once: false };
    return decideBoot(sampleTarget({ install }), sampleImage(), host, false);
  };
  const lineOf = (boot: ReturnType<typeof decide>) =>
    boot.kind === 'install'
      ? ['vmlinuz-6.1.0-56-cloud-amd64', 'initrd=initrd.magic', ...boot.context.kernelArgs].join(' ')
      : boot.kind;
  const many = Array.from({ length: 7 }, () => 'y'.repeat(240));
  const left = 2047 - lineOf(decide(many)).length - 1;

  assert.equal(lineOf(decide([...many, 'z'.repeat(left)])).length, 2047);
  assert.equal(lineOf(decide([...many, 'z'.repeat(left + 1)])), 'faulty');
});

test('an installed VM boots its disk, whatever has become of the images; one that is booted directly does not', () => {
  const missing = { ...sampleImage([]), exists: false };

  assert.deepEqual(decideBoot(sampleTarget(), missing, host, true), {
    kind: 'disk',
    context: { vm: 'web1', markerPath: '\\pxeboot-installed.json' },
  });
  assert.equal(decideBoot(sampleTarget({ pxeboot: false }), sampleImage(), host, true).kind, 'direct');
});
