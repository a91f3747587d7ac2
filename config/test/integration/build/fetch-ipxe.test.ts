import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

import { needs } from '../../support/requirements.ts';
import type { Answer, Answers } from './support/boot-ipxe-org.ts';
import { efiProgram } from './support/efi-program.ts';

const project = join(import.meta.dirname, '../../../..');
const server = join(import.meta.dirname, 'support/boot-ipxe-org.ts');
/** Root, for a network in which boot.ipxe.org is this machine. */
const requirements = needs('unshare');

/** Network and mounts of the server's own: there the name is that of the loopback, and the build's secret is in its place. */
const namespaces = `
set -e
ip link set lo up
echo '127.0.0.1 boot.ipxe.org' >"$1/hosts"
mount --bind "$1/hosts" /etc/hosts
mount -t tmpfs tmpfs /run
mkdir /run/secrets
cp "$1/cert.pem" /run/secrets/extra_ca
exec "$2" "$3" "$1"
`;
const x86 = efiProgram(0x8664);
const arm = efiProgram(0xaa64);
const right = { '/x86_64-efi/ipxe.efi': answer(x86), '/arm64-efi/ipxe.efi': answer(arm) };

describe('fetch-ipxe.sh with IPXE_SOURCE=boot.ipxe.org', requirements, () => {
  let directory: string;
  let child: ChildProcess;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ipxe-'));
    await execa('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', '/CN=boot.ipxe.org', '-addext', 'subjectAltName=DNS:boot.ipxe.org'],
      ...['-keyout', join(directory, 'key.pem'), '-out', join(directory, 'cert.pem')],
    ]);
    const command = ['sh', '-c', namespaces, 'sh', directory, process.execPath, server];
    child = spawn('unshare', ['--net', '--mount', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
    const first = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    assert.equal(String(first[0]), 'listening\n');
  });
  after(async () => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
    rmSync(directory, { recursive: true });
  });
  beforeEach(() => {
    for (const each of ['out', 'package', 'package.packages']) {
      rmSync(join(directory, each), { recursive: true, force: true });
    }
  });

  /** Runs the build's own script where the server is. */
  async function fetchWith(answers: Answers): Promise<{ status: number | undefined; output: string }> {
    writeFileSync(join(directory, 'answers.json'), JSON.stringify(answers));
    const script = ['config/build/fetch-ipxe.sh', 'boot.ipxe.org', 'unused'];
    const { all, exitCode } = await execa(
      'nsenter',
      [
        ...['--target', String(child.pid), '--net', '--mount', `--wd=${project}`],
        ...[...script, join(directory, 'out'), join(directory, 'package')],
      ],
      { all: true, reject: false, timeout: 60_000 },
    );
    return { status: exitCode, output: all.replaceAll(/\/\S*\/tmp\.\w+\//g, '…/') };
  }

  test('takes both programs and names them by what they are', async (context) => {
    context.diagnostic('not tested: the files of boot.ipxe.org itself, which no machine of the tests reaches');

    assert.deepEqual(await fetchWith(right), { status: 0, output: '' });

    assert.deepEqual(readFileSync(join(directory, 'out/ipxe-x86_64.efi')), x86);
    assert.deepEqual(readFileSync(join(directory, 'out/ipxe-arm64.efi')), arm);
    const paragraph = (name: string, bytes: Buffer, arch: string): string =>
      `Package: ipxe\nVersion: sha256:${createHash('sha256').update(bytes).digest('hex')}\nArchitecture: ${arch}\n` +
      `Downloaded-From: https://boot.ipxe.org/${name}-efi/ipxe.efi\n\n`;
    assert.equal(
      readFileSync(join(directory, 'package.packages'), 'utf8'),
      paragraph('x86_64', x86, 'amd64') + paragraph('arm64', arm, 'arm64'),
    );
    assert.match(readFileSync(join(directory, 'package/usr/share/doc/ipxe/copyright'), 'utf8'), /GPL-2 with the UBDL/);
  });

  const page = Buffer.from('<!DOCTYPE html><html>moved</html>'.padEnd(1500));
  const cases: [string, Answer | undefined, string][] = [
    ['a page', answer(page), 'check "…/ipxe-arm64.efi": does not begin with "MZ"; expected'],
    ['an empty file', answer(Buffer.alloc(0)), 'check "…/ipxe-arm64.efi": does not begin with "MZ"; expected'],
    [
      'a short file',
      answer(arm.subarray(0, 1000)),
      'check "…/ipxe-arm64.efi": has 1000 of at least 1024 bytes; expected',
    ],
    ['the program for x86_64', answer(x86), 'check "…/ipxe-arm64.efi": is for machine type 0x8664; expected'],
    [
      'the beginning and then ends',
      answer(arm, 300),
      'download "https://boot.ipxe.org/arm64-efi/ipxe.efi": terminated',
    ],
    ['404', undefined, 'download "https://boot.ipxe.org/arm64-efi/ipxe.efi": the server answered 404'],
  ];
  for (const [what, wrong, problem] of cases) {
    test(`ends and writes nothing when the server sends ${what} for one of the two`, async () => {
      const { status, output } = await fetchWith({ ...right, '/arm64-efi/ipxe.efi': wrong });

      const [first, second, ...more] = output.split('\n');
      assert.equal(status, 1);
      assert.ok(first?.startsWith(problem), output);
      assert.equal(
        second,
        'fetch iPXE: https://boot.ipxe.org/arm64-efi/ipxe.efi gives no EFI program for aarch64 now; build later, or with IPXE_SOURCE=debian',
      );
      assert.deepEqual([more, written()], [[], []]);
    });
  }

  test('ends when the server is not who it says it is', async () => {
    const secret = `/proc/${child.pid}/root/run/secrets/extra_ca`;
    const certificate = readFileSync(secret);
    rmSync(secret);
    try {
      const { status, output } = await fetchWith(right);

      assert.equal(status, 1);
      assert.match(
        output,
        /^download "https:\/\/boot\.ipxe\.org\/x86_64-efi\/ipxe\.efi": fetch failed: self-signed cert/,
      );
      assert.deepEqual(written(), []);
    } finally {
      writeFileSync(secret, certificate);
    }
  });

  function written(): string[] {
    return readdirSync(directory).filter((each) => /^(out|package)/.test(each));
  }
});

test('fetch-ipxe.sh refuses another source', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ipxe-'));
  const args = ['elsewhere', 'unused', join(directory, 'out'), join(directory, 'package')];

  const { exitCode, all } = await execa('config/build/fetch-ipxe.sh', args, { cwd: project, all: true, reject: false });

  assert.deepEqual([exitCode, all], [2, 'fetch iPXE: IPXE_SOURCE is "elsewhere"; expected debian or boot.ipxe.org']);
  assert.ok(!existsSync(join(directory, 'out')));
  rmSync(directory, { recursive: true });
});

function answer(body: Buffer, cutAt?: number): Answer {
  return { body: body.toString('base64'), ...(cutAt !== undefined && { cutAt }) };
}
