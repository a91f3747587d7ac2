import { execa } from 'execa';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createBuildTree } from './support/build-tree.ts';

/** Perl's, which a Mac has in the place of sha256sum. */
const shasum = '/usr/bin/shasum';
const { stdout: applets, exitCode } = await execa('busybox', ['--list'], { reject: false });
const missing =
  exitCode === 0 && existsSync(shasum) ? undefined : `needs busybox and ${shasum}; "make setup" installs them`;
if (missing !== undefined && process.env['REQUIRE_ALL'] === '1') throw new Error(missing);

test('a tarball is built, and not built again, where no program is GNU’s', { skip: missing ?? false }, async () => {
  const programs = mkdtempSync(join(tmpdir(), 'programs-'));
  const tree = createBuildTree(programs);
  try {
    const { stdout: busybox } = await execa('which', ['busybox']);
    for (const applet of applets.split('\n').filter((each) => each !== 'sha256sum')) {
      symlinkSync(busybox, join(programs, applet));
    }
    symlinkSync(shasum, join(programs, 'shasum'));

    const { status, output } = await tree.build();
    const again = await tree.build();

    assert.equal(status, 0, output);
    assert.match(output, /\[image\] wrote pxeboot_stack_amd64\.tar \(0 MB\) in \d+ s$/);
    assert.equal(tree.read('pxeboot_stack_amd64.tar'), 'half whole');
    assert.equal(again.output, '[image] pxeboot_stack_amd64.tar is up to date');
    assert.match(tree.read('build/pxeboot_stack_amd64.tar.inputs') ?? '', /^[0-9a-f]{64}\s*$/);
  } finally {
    tree.dispose();
    rmSync(programs, { recursive: true });
  }
});
