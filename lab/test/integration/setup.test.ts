import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

const script = join(import.meta.dirname, '../../setup.sh');
const forImage = 'mmdebstrap debian-archive-keyring buildah';
const forForeignImage = `qemu-user-static arch-test ${forImage}`;

/** A Debian on x86_64 that has these packages and none of this machine's programs but the shell's. */
describe('setup.sh, which with SETUP=0 installs nothing', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'setup-'));
    mkdirSync(join(root, 'registry'));
    writeFileSync(join(root, 'registry/qemu-aarch64'), 'enabled\n');
    for (const program of ['sed', 'cat', 'dirname', 'grep', 'id'])
      symlinkSync(`/usr/bin/${program}`, join(root, program));
    add('uname', 'echo x86_64');
    add('apt-get', 'echo "apt-get $*" >&2; exit 1');
    has();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function add(program: string, body: string): void {
    writeFileSync(join(root, program), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }

  /** @param packages what is installed, in the place of what was before */
  function has(...packages: string[]): void {
    add('dpkg-query', `case " ${packages.join(' ')} " in *" $4 "*) echo installed ;; esac`);
  }

  async function setup(env: Record<string, string>): Promise<{ status: number | undefined; output: string }> {
    const all = { PATH: root, SETUP: '0', BINFMT_MISC: join(root, 'registry'), ...env };
    const result = await execa('/bin/sh', [script], { env: all, extendEnv: false, all: true, reject: false });
    return { status: result.exitCode, output: result.all };
  }

  for (const [what, env, packages] of [
    ['the image build', { FOR: 'image' }, forImage],
    ['the image build for both architectures', { FOR: 'image', FOREIGN: '1' }, forForeignImage],
  ] as const) {
    test(`names what ${what} needs, and the command`, async () => {
      const { status, output } = await setup(env);

      assert.equal(status, 1);
      assert.deepEqual(output.trim().split(/ *\n/), [
        `setup: missing: ${packages}`,
        `setup: install with: apt-get install -y --no-install-recommends ${packages}`,
      ]);
    });
  }

  test('refuses an architecture that no VM of the lab can have', async () => {
    const refused = { status: 2, output: 'setup: ARCH is "arm64"; expected x86_64 or aarch64' };

    assert.deepEqual(await setup({ ARCH: 'arm64' }), refused);
    assert.notDeepEqual(await setup({ ARCH: 'aarch64' }), refused);
    // The image build has architectures of its own: a variable of that name is somebody else's.
    assert.equal((await setup({ ARCH: 'arm64', FOR: 'image' })).status, 1);
  });

  test('asks for no Node where only the image is built', async () => {
    has(...forForeignImage.split(' '));

    const { status, output } = await setup({ FOR: 'image', FOREIGN: '1' });

    assert.deepEqual({ status, output }, { status: 0, output: 'setup: every package is there' });
  });

  test('names what tests and lab need beside, of the other architecture only when asked', async () => {
    has(...forForeignImage.split(' '));

    const own = (await setup({})).output;
    const both = (await setup({ FOREIGN: '1' })).output;

    assert.match(own, /missing: .*\bqemu-system-x86 .*\bradvd /);
    assert.doesNotMatch(own, /qemu-system-arm|buildah/);
    assert.match(both, /missing: .*\bqemu-system-arm /);
  });
});
