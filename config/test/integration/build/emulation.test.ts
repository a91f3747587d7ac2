import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

const script = join(import.meta.dirname, '../../../build/emulation.sh');
const line = ':qemu-aarch64:M::magic:mask:/usr/libexec/qemu-binfmt/aarch64-binfmt-P:OPF\n';

/** A machine as the script sees it: the kernel's registry, Debian's descriptions, uname, id and mount. */
describe('emulation.sh on an x86_64 machine', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'emulation-'));
    for (const directory of ['bin', 'registry', 'descriptions']) mkdirSync(join(root, directory));
    program('uname', 'echo x86_64');
    program('id', 'echo 0');
    program('mount', `: > "${root}/registry/register"`);
    writeFileSync(join(root, 'descriptions/qemu-aarch64.conf'), line);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function program(name: string, body: string): void {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  }

  async function provide(arch: string): Promise<{ status: number | undefined; output: string; registered: string }> {
    const env = {
      PATH: `${root}/bin:${process.env['PATH'] ?? ''}`,
      BINFMT_MISC: join(root, 'registry'),
      BINFMT_CONFIGURATIONS: join(root, 'descriptions'),
    };
    const { exitCode, all } = await execa(script, [arch], { env, all: true, reject: false });
    const register = join(root, 'registry/register');
    const registered = existsSync(register) ? readFileSync(register, 'utf8') : 'not mounted';
    return { status: exitCode, output: all, registered };
  }

  test('mounts the registry, hands Debian’s line to the kernel and says so', async () => {
    const { status, output, registered } = await provide('arm64');

    assert.equal(status, 0, output);
    assert.equal(registered, line);
    assert.match(output, /^\[image\] registered .*qemu-aarch64\.conf: programs of arm64 now run on this machine/);
  });

  test('does not mount a registry that is mounted', async () => {
    writeFileSync(join(root, 'registry/register'), '');
    program('mount', 'exit 32');

    assert.equal((await provide('arm64')).registered, line);
  });

  for (const arch of ['amd64', 'arm64']) {
    test(`does nothing for ${arch} when it runs already`, async () => {
      writeFileSync(join(root, 'registry/qemu-aarch64'), 'enabled\ninterpreter /usr/libexec/qemu-binfmt\n');

      assert.deepEqual(await provide(arch), { status: 0, output: '', registered: 'not mounted' });
    });
  }

  test('registers an entry that is there but disabled', async () => {
    writeFileSync(join(root, 'registry/qemu-aarch64'), 'disabled\n');

    assert.equal((await provide('arm64')).registered, line);
  });

  test('names the package when the emulator is not installed', async () => {
    rmSync(join(root, 'descriptions/qemu-aarch64.conf'));

    const { status, output, registered } = await provide('arm64');

    assert.equal(status, 1);
    assert.match(
      output,
      /programs of arm64 cannot run on this x86_64: .* is missing; apt-get install qemu-user-static/,
    );
    assert.equal(registered, 'not mounted');
  });

  test('asks for root, which alone can register', async () => {
    program('id', 'echo 1000');

    const { status, output } = await provide('arm64');

    assert.equal(status, 1);
    assert.match(output, /only root can do that: sudo \S*emulation\.sh arm64$/);
  });

  test('says what the kernel lacks when the registry cannot be mounted', async () => {
    program('mount', 'exit 32');

    const { status, output } = await provide('arm64');

    assert.equal(status, 1);
    assert.match(output, /cannot be mounted; load the kernel's module binfmt_misc$/);
  });

  test('refuses another architecture', async () => {
    const { status, output } = await provide('riscv64');

    assert.equal(status, 2);
    assert.equal(output, 'emulate: architecture "riscv64" is unknown; expected amd64 or arm64');
  });
});
