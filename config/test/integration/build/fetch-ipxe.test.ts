import { execa } from 'execa';
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

const build = join(import.meta.dirname, '../../../build');

/** A PE file as far as the check looks, with two sections. @see Microsoft PE Format, "COFF File Header", "Optional Header" and
 * "Section Table" */
function efiProgram(machine: number, subsystem = 10): Buffer {
  const bytes = Buffer.alloc(0x400);
  bytes.write('MZ', 0);
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80);
  bytes.writeUInt16LE(machine, 0x84);
  bytes.writeUInt16LE(2, 0x86);
  bytes.writeUInt16LE(0x70, 0x80 + 20);
  bytes.writeUInt16LE(subsystem, 0x80 + 0x5c);
  const table = 0x80 + 24 + 0x70;
  for (const [index, start] of [0x200, 0x300].entries()) {
    bytes.writeUInt32LE(0x100, table + index * 40 + 16);
    bytes.writeUInt32LE(start, table + index * 40 + 20);
  }
  return bytes;
}

describe('check-efi.mjs', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'efi-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  async function check(bytes: Buffer | string, arch: string): Promise<string> {
    const file = join(directory, 'ipxe.efi');
    writeFileSync(file, bytes);
    const { all, exitCode } = await execa(process.execPath, [join(build, 'check-efi.mjs'), file, arch], {
      all: true,
      reject: false,
    });
    return `${exitCode}${all.replace(`check "${file}": `, ' ')}`;
  }

  test('takes an EFI program of the right architecture', async () => {
    assert.equal(await check(efiProgram(0x8664), 'x86_64'), '0');
    assert.equal(await check(efiProgram(0xaa64), 'aarch64'), '0');
  });

  const wrong: [string, Buffer | string, string][] = [
    ['a page that says "not found"', '<html>not found</html>'.padEnd(100), 'does not begin with "MZ"'],
    ['a file cut short in its header', efiProgram(0x8664).subarray(0, 0x90), 'has no PE header'],
    ['a file cut short in its section table', efiProgram(0x8664).subarray(0, 0x120), 'has 288 of at least 344 bytes'],
    ['a file that lacks its last byte', efiProgram(0x8664).subarray(0, 0x3ff), 'has 1023 of at least 1024 bytes'],
    ['an empty file', '', 'does not begin with "MZ"'],
    ['a program for the other architecture', efiProgram(0xaa64), 'is for machine type 0xaa64'],
    ['a driver, which firmware does not boot', efiProgram(0x8664, 11), 'is for subsystem 11'],
  ];
  for (const [what, bytes, problem] of wrong) {
    test(`refuses ${what}`, async () => {
      assert.equal(await check(bytes, 'x86_64'), `1 ${problem}; expected an EFI program for x86_64`);
    });
  }
});

describe('download.mjs', () => {
  let directory: string;
  let server: Server;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'download-'));
    server = createServer((request, response) => {
      response.statusCode = request.url === '/there' ? 200 : 404;
      response.end('bytes');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });

  async function download(url: string): Promise<{ status: number | undefined; output: string; text: string }> {
    const file = join(directory, 'file');
    rmSync(file, { force: true });
    const { all, exitCode } = await execa(process.execPath, [join(build, 'download.mjs'), url, file], {
      all: true,
      reject: false,
    });
    return { status: exitCode, output: all, text: existsSync(file) ? readFileSync(file, 'utf8') : 'none' };
  }

  test('writes what the server sends', async () => {
    const { port } = server.address() as AddressInfo;

    assert.deepEqual(await download(`http://127.0.0.1:${port}/there`), { status: 0, output: '', text: 'bytes' });
  });

  test('writes nothing when the server does not have it', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/absent`;

    const answer = { status: 1, output: `download "${url}": the server answered 404`, text: 'none' };
    assert.deepEqual(await download(url), answer);
  });

  test('says why a server cannot be reached', async () => {
    const { status, output, text } = await download('http://127.0.0.1:1/file');

    assert.deepEqual([status, text], [1, 'none']);
    assert.match(output, /^download "http:\/\/127\.0\.0\.1:1\/file": fetch failed: .+/);
  });
});

describe('fetch-ipxe.sh', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ipxe-'));
    mkdirSync(join(directory, 'bin'));
    mkdirSync(join(directory, 'there'));
    // In the place of a download: a file of the same name, for the path on the server.
    const node = `#!/bin/sh
case $1 in
  */download.mjs) exec cp "${directory}/there/$(echo "\${2#https://boot.ipxe.org/}" | tr / _)" "$3" ;;
  *) exec "${process.execPath}" "$@" ;;
esac
`;
    writeFileSync(join(directory, 'bin/node'), node, { mode: 0o755 });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function fetchFrom(source: string): Promise<{ status: number | undefined; output: string }> {
    const args = [source, 'unused', join(directory, 'out'), join(directory, 'package')];
    const env = { PATH: `${directory}/bin:${process.env['PATH'] ?? ''}` };
    const options = { cwd: join(build, '../..'), env, all: true, reject: false } as const;
    const { all, exitCode } = await execa(join(build, 'fetch-ipxe.sh'), args, options);
    return { status: exitCode, output: all.replaceAll(directory, '…') };
  }

  function serve(x86: Buffer | string, arm: Buffer | string): void {
    writeFileSync(join(directory, 'there/x86_64-efi_ipxe.efi'), x86);
    writeFileSync(join(directory, 'there/arm64-efi_ipxe.efi'), arm);
  }

  test('takes both programs from boot.ipxe.org and tells where they are from', async (context) => {
    context.diagnostic('not tested: the download from boot.ipxe.org itself, which no machine of the tests reaches');
    serve(efiProgram(0x8664), efiProgram(0xaa64));

    assert.deepEqual(await fetchFrom('boot.ipxe.org'), { status: 0, output: '' });

    assert.deepEqual(readFileSync(join(directory, 'out/ipxe-x86_64.efi')), efiProgram(0x8664));
    assert.deepEqual(readFileSync(join(directory, 'out/ipxe-arm64.efi')), efiProgram(0xaa64));
    assert.equal(
      readFileSync(join(directory, 'package.packages'), 'utf8'),
      'Package: ipxe\nVersion: boot.ipxe.org\nArchitecture: all\n',
    );
    assert.match(readFileSync(join(directory, 'package/usr/share/doc/ipxe/copyright'), 'utf8'), /GPL-2 with the UBDL/);
  });

  const page = '<html>moved</html>'.padEnd(100);
  const wrong: [string, Buffer | string, Buffer | string, string][] = [
    ['two programs for x86_64', efiProgram(0x8664), efiProgram(0x8664), 'arm64.efi": is for machine type 0x8664'],
    ['two programs for aarch64', efiProgram(0xaa64), efiProgram(0xaa64), 'x86_64.efi": is for machine type 0xaa64'],
    ['a page in the place of a program', efiProgram(0x8664), page, 'arm64.efi": does not begin with "MZ"'],
  ];
  for (const [what, x86, arm, problem] of wrong) {
    test(`ends when boot.ipxe.org sends ${what}`, async () => {
      serve(x86, arm);

      const { status, output } = await fetchFrom('boot.ipxe.org');

      assert.equal(status, 1);
      assert.ok(output.startsWith(`check "…/out/ipxe-${problem}; expected an EFI program for `), output);
    });
  }

  test('refuses another source', async () => {
    assert.deepEqual(await fetchFrom('elsewhere'), {
      status: 2,
      output: 'fetch iPXE: IPXE_SOURCE is "elsewhere"; expected debian or boot.ipxe.org',
    });
  });
});
