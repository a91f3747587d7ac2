import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

import { efiProgram } from './support/efi-program.ts';

const build = join(import.meta.dirname, '../../../build');

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
