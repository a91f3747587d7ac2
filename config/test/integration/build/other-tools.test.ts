import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

import { lackOf, unlessMissing } from '../../support/requirements.ts';
import type { BuildTree } from './support/build-tree.ts';
import { createBuildTree } from './support/build-tree.ts';
import { docker } from './support/docker.ts';

/** Perl's, which a Mac has in the place of sha256sum. */
const shasum = '/usr/bin/shasum';
const { stdout: applets } = await execa('busybox', ['--list'], { reject: false });
const requirements = unlessMissing(lackOf('busybox', shasum));
const wrote = (arch: string): RegExp =>
  new RegExp(`\\[image\\] wrote pxeboot_stack_${arch}\\.tar \\(0 MB\\) in \\d+ s$`, 'm');

describe('where no program is GNU’s, and neither Node nor git nor apt-get is there', requirements, () => {
  let programs: string;
  let tree: BuildTree;

  before(async () => {
    programs = mkdtempSync(join(tmpdir(), 'programs-'));
    const { stdout: busybox } = await execa('which', ['busybox']);
    for (const applet of applets.split('\n').filter((each) => each !== 'sha256sum')) {
      symlinkSync(busybox, join(programs, applet));
    }
    const { stdout: make } = await execa('which', ['make']);
    symlinkSync(make, join(programs, 'make'));
    symlinkSync(shasum, join(programs, 'shasum'));
  });
  after(() => rmSync(programs, { recursive: true }));
  beforeEach(() => {
    tree = createBuildTree(programs);
    rmSync(join(tree.root, 'bin/apt-get'));
  });
  afterEach(() => tree.dispose());

  test('a tarball is built with buildah, and not built again', async () => {
    const { status, output } = await tree.build();
    const again = await tree.build();

    assert.equal(status, 0, output);
    assert.match(output, wrote('amd64'));
    assert.equal(tree.tarball(), 'whole');
    assert.equal(again.output, '[image] pxeboot_stack_amd64.tar is up to date');
    assert.match(tree.read('build/pxeboot_stack_amd64.tar.inputs') ?? '', /^[0-9a-f]{64}\s*\nmmdebstrap\n$/);
  });

  describe('a Mac with Docker', () => {
    const mac = { BUILDER: '', BASE: '' };

    beforeEach(() => {
      rmSync(join(tree.root, 'bin/buildah'));
      rmSync(join(tree.root, 'build'), { recursive: true });
      tree.write('bin/docker', docker);
      tree.write('bin/uname', '#!/bin/sh\nif [ "$1" = -s ]; then echo Darwin; else echo arm64; fi\n');
    });

    test('has make and Docker, and "make all" needs nothing else', async () => {
      assert.deepEqual(readdirSync(join(tree.root, 'bin')).sort(), ['docker', 'pgrep', 'uname']);

      const { status, output } = await tree.make('all', mac);

      assert.equal(status, 0, output);
      for (const arch of ['amd64', 'arm64'] as const) {
        const line = `[image] building pxeboot_stack_${arch}.tar with docker on docker.io/library/debian:trixie-slim (from the registry)`;
        assert.ok(output.split('\n').includes(line), output);
        assert.match(output, wrote(arch));
        assert.equal(tree.tarball(arch), 'whole');
      }
      const again = await tree.make('all', mac);
      assert.match(again.output, /amd64\.tar is up to date\n.*arm64\.tar is up to date/);
    });

    test('"make image" builds for its own architecture', async () => {
      const { status, output } = await tree.make('image', mac);

      assert.equal(status, 0, output);
      assert.deepEqual([tree.tarball('amd64'), tree.tarball('arm64')], ['none', 'whole']);
    });

    test('without a network takes the base that its engine has', async () => {
      const base = 'docker.io/library/debian:trixie-slim';
      const { status, output } = await tree.make('image', { ...mac, PULL: 'fails', HAS: base });

      assert.equal(status, 0, output);
      assert.match(
        output,
        /cannot be had now \(dial tcp: lookup registry: no such host\); taking the one that docker has$/m,
      );
      assert.equal(tree.tarball('arm64'), 'whole');
    });

    const refusals: [string, Record<string, string>, RegExp][] = [
      [
        'whose engine is not running',
        { ENGINE: 'down' },
        /no builder found: no engine answers docker; start it; the command buildah is not installed$/m,
      ],
      [
        'whose engine does not run programs of amd64',
        { PLATFORMS: 'linux/arm64' },
        /engine cannot run programs of amd64\. Docker Desktop can by itself: restart or update it\./,
      ],
      [
        'whose engine reaches no registry',
        { PULL: 'fails' },
        /debian:trixie-slim cannot be had: dial tcp: lookup registry: no such host\. Another base is made on Debian only/,
      ],
    ];
    for (const [what, env, says] of refusals) {
      test(`${what} is told what to do, and not to install Debian's packages`, async () => {
        const { status, output } = await tree.make('all', { ...mac, ...env });

        assert.notEqual(status, 0);
        assert.match(output, says);
        assert.doesNotMatch(output, /apt-get|sudo/);
      });
    }
  });
});
