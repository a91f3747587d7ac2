import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { parseManifest } from '../../src/plan/manifest.ts';

test('a manifest line of each kind becomes an entry, comments and empty lines none', () => {
  const text = [
    '# a comment',
    '',
    'dir tmp 1777',
    'link bin usr/bin # why',
    'file usr/bin/tar 0755 packages:usr/bin/tar',
    'file init 0755 initrd:init',
    'file usr/bin/os-installer 0755 installer',
    'file usr/lib/grub.efi 0644 built:grub.efi',
    'chardev dev/console 0600 5:1',
    'applets usr/bin sh mount',
    'applets usr/sbin halt',
    'leave-out libbpf.so.1',
  ].join('\n');

  assert.deepEqual(parseManifest('manifest.txt', text), {
    ok: true,
    value: {
      entries: [
        { kind: 'dir', path: 'tmp', mode: 0o1777 },
        { kind: 'link', path: 'bin', target: 'usr/bin' },
        { kind: 'file', path: 'usr/bin/tar', mode: 0o755, source: { from: 'packages', path: 'usr/bin/tar' } },
        { kind: 'file', path: 'init', mode: 0o755, source: { from: 'initrd', path: 'init' } },
        { kind: 'file', path: 'usr/bin/os-installer', mode: 0o755, source: { from: 'installer' } },
        { kind: 'file', path: 'usr/lib/grub.efi', mode: 0o644, source: { from: 'built', path: 'grub.efi' } },
        { kind: 'chardev', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
        { kind: 'link', path: 'usr/bin/sh', target: 'busybox' },
        { kind: 'link', path: 'usr/bin/mount', target: 'busybox' },
        { kind: 'link', path: 'usr/sbin/halt', target: '../bin/busybox' },
      ],
      leftOut: ['libbpf.so.1'],
    },
  });
});

test('every faulty line is reported with its number and what is expected', () => {
  const text = ['copy a b', 'dir /tmp 0755', 'dir tmp 755', 'file a 0644 http:x', 'link a', 'chardev a 0600 5'].join(
    '\n',
  );

  const parsed = parseManifest('manifest.txt', text);

  assert.ok(!parsed.ok);
  assert.deepEqual(
    parsed.faults.map(({ file, problem }) => `${file} ${problem}`),
    [
      'manifest.txt:1 unknown kind "copy"',
      'manifest.txt:2 path "/tmp" is not plain',
      'manifest.txt:3 mode "755" is not octal',
      'manifest.txt:4 source "http:x" is unknown',
      'manifest.txt:5 1 words after "link"',
      'manifest.txt:6 device numbers "5" are malformed',
    ],
  );
});

test('every link of the initrd leads to something that is in it, but for what the kernel shows', () => {
  const parsed = parseManifest('manifest.txt', readFileSync(join(import.meta.dirname, '../../manifest.txt'), 'utf8'));
  assert.ok(parsed.ok);
  const { entries } = parsed.value;
  const paths = new Set(entries.flatMap(({ path }) => [path, dirname(path)]));
  const leading = entries.flatMap((entry) => (entry.kind === 'link' ? [[entry.path, entry.target] as const] : []));

  const nowhere = leading.filter(([path, target]) => !paths.has(join(dirname(path), target)));

  assert.deepEqual(nowhere, [['etc/mtab', '../proc/self/mounts']]);
});
