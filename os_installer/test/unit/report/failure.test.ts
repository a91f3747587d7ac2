import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { FailurePoint } from '../../../src/report/failure.ts';
import { describeFailure, nextCommands } from '../../../src/report/failure.ts';
import { plan } from '../sample-machine.ts';

const { steps } = plan();
const earlier: FailurePoint[] = [{ kind: 'network' }, { kind: 'config', url: 'http://h/config' }, { kind: 'plan' }];

test('each step has commands that look at what it was about', () => {
  const shown = steps.map((step) => [step.kind, nextCommands(step, '/dev/vda2')[0]]);

  assert.deepEqual(Object.fromEntries(shown), {
    partition: 'sfdisk --list /dev/vda',
    'format-esp': 'blkid -p /dev/vda1',
    'format-root': 'blkid -p /dev/vda2',
    'mount-root': 'e2fsck -n /dev/vda2',
    unpack: 'wget -O /dev/null http://10.0.0.1/images/debian-12/x86_64/rootfs.tar.gz',
    'install-kernel': 'wget -O /dev/null http://10.0.0.1/images/debian-12/x86_64/vmlinuz-6.1.0-56-cloud-amd64',
    'write-seed': 'df -h',
    'write-system': 'mount -o ro /dev/vda2 /mnt/target',
    'mount-boot': 'blkid -p /dev/vda1',
    initramfs: 'mount -o ro /dev/vda2 /mnt/target',
    'boot-loader': 'mount -o ro /dev/vda2 /mnt/target',
    verify: 'mount -o ro /dev/vda2 /mnt/target',
    label: 'mount -o ro /dev/vda2 /mnt/target',
    'write-marker': 'dmesg | tail',
    unmount: 'cat /proc/mounts',
    'mark-installed': 'sfdisk --list /dev/vda',
  });
});

test('the last suggestion is to try again', () => {
  for (const point of [...steps, ...earlier]) assert.equal(nextCommands(point, '/dev/vda2').at(-1), 'os-installer');
});

test('every program that is suggested is in the initrd', () => {
  const manifest = readFileSync(join(import.meta.dirname, '../../../../initrd/manifest.txt'), 'utf8');
  const programs = new Set(
    manifest.split('\n').flatMap((line) => {
      const [kind, path = '', ...names] = line.split(' ');
      return kind === 'applets' ? names : [path.split('/').at(-1) ?? ''];
    }),
  );

  for (const point of [...steps, ...earlier]) {
    for (const command of nextCommands(point, '/dev/vda2')) {
      for (const part of command.split(' | ')) {
        const [program = ''] = part.split(' ');
        assert.ok(programs.has(program), `"${program}" of "${command}"`);
      }
    }
  }
});

test('nothing that is suggested erases or writes', () => {
  for (const point of [...steps, ...earlier]) {
    for (const command of nextCommands(point, '/dev/vda2').slice(0, -1)) {
      assert.match(
        command,
        /^(?:sfdisk --list|blkid -p|e2fsck -n|wget -O (?:-|\/dev\/null)|mount -o ro|ls|df|cat|dmesg|ip (?:address|route)|os-installer --plan)/,
      );
    }
  }
});

test('the last words on the console are the reason, where to look, and what to type', () => {
  assert.equal(
    describeFailure('no disk', '/run/os-installer', ['cat /proc/partitions', 'os-installer']),
    `
INSTALLATION FAILED: no disk

Log and plan are in /run/os-installer/.
Likely next:
  cat /proc/partitions
  os-installer
`,
  );
  assert.doesNotMatch(describeFailure('no disk', '/run/os-installer', []), /Likely/);
});
