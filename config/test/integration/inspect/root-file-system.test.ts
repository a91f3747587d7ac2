import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { inspectSuite, faultsOf, inspect, known, madeImages, problems } from '../../support/inspect-made-image.ts';
import type { MadeEntry } from '../../support/root-archive.ts';
import { changed, debianRoot, elfProgram, tarOf } from '../../support/root-archive.ts';

describe('inspecting the root file system of an image', inspectSuite, () => {
  test('another architecture is told by the program, whatever the directory is called', async () => {
    const arm = changed(debianRoot, /systemd\/systemd$/, {
      ...{ path: './usr/lib/systemd/systemd', content: elfProgram(183), mode: 0o755 },
    });

    assert.deepEqual((await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(arm)) })).faults, [
      {
        problem: 'images/d/x86_64/rootfs.tar.gz holds a system for aarch64, and its directory is for x86_64',
        fix: 'put it into images/d/aarch64, or fetch the other one',
      },
    ]);
    const riscv = changed(arm, /systemd\/systemd$/, { path: './sbin/init', content: elfProgram(243), mode: 0o755 });
    assert.deepEqual(await faultsOf(riscv), ['holds a system for riscv64, and its directory is for x86_64']);
  });

  test('where init is a script the shell tells the architecture', async () => {
    const script = changed(debianRoot, /systemd\/systemd$|bin\/dash$/, {
      ...{ path: './usr/bin/dash', content: elfProgram(183), mode: 0o755 },
    });
    const entries = [...script, { path: './usr/lib/systemd/systemd', content: '#!/bin/sh\n', mode: 0o755 }];

    assert.deepEqual(await faultsOf(entries), ['holds a system for aarch64, and its directory is for x86_64']);
  });

  test('no init program is refused; one behind a chain of links, hard links among them, is found', async () => {
    assert.deepEqual(await faultsOf(changed(debianRoot, /systemd$/)), [
      'has no init program: neither /sbin/init nor /usr/lib/systemd/systemd can be executed',
    ]);
    const chain = changed(
      ...([debianRoot, /sbin\/init$|systemd$/] as const),
      { path: './sbin/init', symlink: '/etc/alternatives/init' },
      { path: './etc/alternatives/init', symlink: '../../bin/busybox' },
      { path: './usr/bin/busybox', hardlink: './usr/lib/busybox' },
      { path: './usr/lib/busybox', content: elfProgram(62), mode: 0o755 },
    );
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(chain)) });
    assert.deepEqual(problems(inspection), []);
    assert.equal(known(inspection).init, '/usr/lib/busybox');
  });

  test('links that go round in circles are no init program', async () => {
    const circle = changed(
      ...([debianRoot, /sbin\/init$|systemd$/] as const),
      { path: './usr/sbin/init', symlink: 'other' },
      { path: './usr/sbin/other', symlink: 'init' },
    );

    assert.match((await faultsOf(circle)).join(), /has no init program/);
  });

  test('a family that cannot be installed is named by its os-release, not by its directory', async () => {
    const release = (content: string) => changed(debianRoot, /os-release$/, { path: './etc/os-release', content });

    assert.deepEqual(await faultsOf(release('ID=arch\nPRETTY_NAME="Arch Linux"\n')), [
      'is Arch Linux (ID "arch"), which cannot be installed yet',
    ]);
    assert.deepEqual(await faultsOf(release('ID=amzn\nID_LIKE="fedora"\nPRETTY_NAME="Amazon Linux 2023"\n')), []);
    assert.deepEqual(await faultsOf(release('ID=rocky\nID_LIKE="rhel centos fedora"\n')), []);
    assert.deepEqual(await faultsOf(changed(debianRoot, /os-release$/)), [
      'does not say what it is: it has no /etc/os-release',
    ]);
  });

  test('an archive without a root file system, or with one in a directory of its own, says so', async () => {
    assert.deepEqual(await faultsOf([{ path: 'disk.raw', content: 'x' }, { path: 'README' }]), [
      'holds no root file system: at its top are disk.raw, README',
    ]);
    const nested = debianRoot.map(({ path, ...entry }) => ({ ...entry, path: `rootfs/${path.slice(2)}` }));
    const { faults } = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(nested)) });
    assert.deepEqual(faults, [
      {
        problem: 'images/d/x86_64/rootfs.tar.gz holds a root file system in its directory "rootfs", not at its top',
        fix: 'pack it again inside that directory: "tar -C rootfs -c ."',
      },
    ]);
  });

  const bombs: [string, MadeEntry, RegExp][] = [
    ['a name with ..', { path: './usr/../../etc/shadow' }, /"\.\/usr\/\.\.\/\.\.\/etc\/shadow" leads out of it/],
    ['an absolute name with ..', { path: '/etc/../../shadow' }, /"\/etc\/\.\.\/\.\.\/shadow" leads out of it/],
    [
      'a hard link out of the root',
      { path: 'a', hardlink: '../../etc/shadow' },
      /"a" is a hard link to "..\/..\/etc\/shadow"/,
    ],
    [
      'an absolute hard link with ..',
      { path: 'a', hardlink: '/etc/../../shadow' },
      /"a" is a hard link to "\/etc\/\.\.\/\.\.\/shadow", which leads out of it/,
    ],
  ];
  for (const [what, entry, expected] of bombs) {
    test(`a tar bomb is refused: ${what}`, async () => {
      const [first = '', ...others] = await faultsOf([...debianRoot, entry]);

      assert.match(first, /^has entries that lead out of the root file system: /);
      assert.match(first, expected);
      assert.deepEqual(others, []);
    });
  }

  test('absolute names and targets of hard links are taken as GNU tar unpacks them: below the root', async () => {
    const names = changed(debianRoot, /systemd\/systemd$|^\.\/$/).map((entry) => ({
      ...entry,
      path: entry.path.replace(/^\.\//, '/'),
    }));
    const absolute = [
      { path: '/' },
      ...names,
      { path: '//usr/lib/busybox', content: elfProgram(62), mode: 0o755 },
      { path: '/usr/lib/systemd/systemd', hardlink: '/usr/lib/busybox' },
      { path: 'usr/lib/again', hardlink: '//usr/lib/busybox' },
    ];
    const file = join(madeImages, 'absolute.tar');
    const root = join(madeImages, 'absolute');
    writeFileSync(file, tarOf(absolute));
    mkdirSync(root);

    execFileSync('tar', ['-xpf', file, '-C', root], { stdio: 'pipe' });
    assert.equal(statSync(join(root, 'usr/lib/systemd/systemd')).nlink, 3);
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(absolute)) });
    assert.deepEqual(problems(inspection), []);
    const { init, architecture, root: top, escapes } = known(inspection);
    assert.deepEqual([init, architecture, top?.mode, escapes], ['/usr/lib/busybox', 'x86_64', '0755', []]);
  });

  test('what is to be unpacked through an absolute link is refused, as GNU tar fails on it; through a relative one it is found', async () => {
    const escaping = [...debianRoot, { path: './var/log', symlink: '/data/log' }, { path: './var/log/messages' }];
    const file = join(madeImages, 'through.tar');
    writeFileSync(file, tarOf(escaping));
    mkdirSync(join(madeImages, 'through'));

    assert.throws(
      () => execFileSync('tar', ['-xf', file, '-C', join(madeImages, 'through')], { stdio: 'pipe' }),
      /Not a directory/,
    );
    assert.match(
      (await faultsOf(escaping)).join(),
      /"\.\/var\/log\/messages" lies behind the link "var\/log" to "\/data\/log"/,
    );
    const relative = changed(debianRoot, /modules/, { path: './lib/modules/6.1.0-9-amd64/kernel/b.ko', content: 'm' });
    const inspection = await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(relative)) });
    assert.deepEqual(problems(inspection), []);
    assert.equal(known(inspection).kernels[0]?.modules, 1);
  });
});
