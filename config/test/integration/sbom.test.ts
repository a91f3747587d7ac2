import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { execa } from 'execa';

const project = join(import.meta.dirname, '../../..');
const copyrights = '/usr/share/pxeboot/copyright';

interface Component {
  name: string;
  version: string;
  purl: string;
  properties: { name: string; value: string }[];
}

describe('the bill of materials', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bill-'));
    write('container/status', 'Package: nginx\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1.26\n');
    write('container/doc/nginx/copyright', 'Format: https://x/\n\nFiles: *\nLicense: BSD-2-Clause\n');
    write('initrd.packages', 'Package: libgcc-s1\nVersion: 14.2\nArchitecture: amd64\n');
    // As Debian has it: the copyright is in another package, unpacked beside.
    mkdirSync(join(directory, 'initrd/usr/share/doc'), { recursive: true });
    symlinkSync('gcc-14-base', join(directory, 'initrd/usr/share/doc/libgcc-s1'));
    write('initrd/usr/share/doc/gcc-14-base/copyright', 'GCC runtime library exception');
    write('os-installer.json', JSON.stringify({ inputs: { 'node_modules/undici/index.js': {} } }));
    write('boot_handler.json', JSON.stringify({ inputs: { 'node_modules/@sindresorhus/merge-streams/index.js': {} } }));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }

  async function writeBill(): Promise<{ status: number | undefined; output: string }> {
    const at = (file: string): string => join(directory, file);
    const { exitCode, all } = await execa(
      process.execPath,
      [
        ...['config/build/sbom/main.ts', '--arch', 'arm64', '--container', at('container'), '--output', at('out')],
        ...['--metafile', at('os-installer.json'), at('boot_handler.json'), '--taken', `initrd-x86_64=${at('initrd')}`],
      ],
      { cwd: project, all: true, reject: false },
    );
    return { status: exitCode, output: all };
  }

  test('names every part with the place of its licence’s text, and every text is in the image', async () => {
    const { status, output } = await writeBill();

    assert.equal(status, 0, output);
    const bill = readFileSync(join(directory, 'out/usr/share/pxeboot/bill-of-materials.cdx.json'), 'utf8');
    const { components } = JSON.parse(bill) as { components: Component[] };
    const copyrightOf = ({ properties }: Component): string =>
      properties.find(({ name }) => name === 'pxeboot:copyright')?.value ?? 'none';
    const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    const npm = (name: string): string => `${name}@${lock.packages[`node_modules/${name}`]?.version ?? 'not locked'}`;
    const node = process.versions.node;
    assert.deepEqual(
      components.map((each) => [`${each.name}@${each.version}`, copyrightOf(each)]).sort(),
      [
        ['libgcc-s1@14.2', `${copyrights}/libgcc-s1`],
        ['nginx@1.26', '/usr/share/doc/nginx/copyright'],
        ...['@sindresorhus/merge-streams', 'undici'].map((name) => [npm(name), `${copyrights}/npm/${npm(name)}`]),
        [`node@${node}`, `${copyrights}/npm/node@${node}`],
      ].sort(),
    );
    const text = (file: string): string => readFileSync(join(directory, 'out', copyrights, file), 'utf8');
    assert.equal(text('libgcc-s1'), 'GCC runtime library exception');
    assert.match(text(`npm/${npm('undici')}`), /MIT License[^]*Permission is hereby granted/);
    assert.match(text(`npm/node@${node}`), /Node\.js is licensed for use as follows[^]*OpenSSL/);
  });

  test('is not written while a package whose files were taken has no copyright', async () => {
    rmSync(join(directory, 'initrd/usr/share/doc/gcc-14-base'), { recursive: true });

    const { status, output } = await writeBill();

    assert.equal(status, 1);
    assert.match(
      output,
      /list the packages of initrd-x86_64: "libgcc-s1" has no copyright file, or a link to that of another/,
    );
    assert.ok(!existsSync(join(directory, 'out/usr/share/pxeboot/bill-of-materials.cdx.json')));
  });
});
