import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { SPDX, Spec, Validation } from '@cyclonedx/cyclonedx-library';

import type { BillInput } from '../../../build/sbom/sbom.ts';
import { writeSbom } from '../../../build/sbom/sbom.ts';

const kmod = { name: 'kmod', version: '34.2-2', licences: ['GPL-2+'], copyright: '/usr/share/pxeboot/copyright/kmod' };
const input: BillInput = {
  version: '0.1.0',
  architecture: 'arm64',
  debian: [
    { ...kmod, architecture: 'arm64', place: 'initrd-aarch64' },
    { ...kmod, architecture: 'amd64', place: 'initrd-x86_64' },
    {
      name: 'g++',
      version: '1:2+3~4',
      licences: [],
      architecture: 'all',
      place: 'container',
      copyright: undefined,
    },
    {
      ...{ name: 'ipxe', version: 'sha256:00', licences: [], architecture: 'arm64', place: 'ipxe' },
      ...{ copyright: '/c/ipxe', downloadedFrom: 'https://boot.example/arm64-efi/ipxe.efi' },
    },
  ],
  npm: [
    { name: 'express', version: '5.3.0', licence: 'MIT', copyright: '/c/express' },
    { name: '@scope/a', version: '1.0.0', licence: 'my own', copyright: '/c/a' },
  ],
  node: { name: 'node', version: '24.21.0', licence: 'MIT', copyright: '/c/node' },
};

describe('writeSbom', () => {
  test('writes what CycloneDX 1.6 allows', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

    assert.equal(await validator.validate(writeSbom(input)), null);
    assert.notEqual(await validator.validate(writeSbom(input).replace('"library"', '"thing"')), null);
  });

  test('writes the same bytes for the same parts in another order', () => {
    const other = { ...input, debian: input.debian.toReversed(), npm: input.npm.toReversed() };

    assert.equal(writeSbom(other), writeSbom(input));
  });

  test('gives the image the same licences as its label, in words of SPDX', () => {
    const dockerfile = readFileSync(join(import.meta.dirname, '../../../../Dockerfile'), 'utf8');
    const label = /image\.licenses="(.+)"/.exec(dockerfile)?.[1] ?? 'none';

    const { metadata } = JSON.parse(writeSbom(input)) as { metadata: { component: { licenses: object[] } } };

    assert.deepEqual(metadata.component.licenses, [{ expression: label }]);
    for (const word of label.split(' AND ')) {
      assert.ok(SPDX.isSupportedSpdxId(word) || /^LicenseRef-[\w.-]+$/.test(word), word);
    }
  });

  test('names each part by its package URL, its place and its licence', () => {
    const { components } = JSON.parse(writeSbom(input)) as {
      components: { purl: string; licenses?: { license: object }[]; properties?: { name: string; value: string }[] }[];
    };

    assert.deepEqual(
      components.map(({ purl, licenses, properties }) => [
        purl,
        licenses?.map(({ license }) => Object.values(license).join()).join() ?? '-',
        properties?.map(({ value }) => value).join(' ') ?? '-',
      ]),
      [
        ['pkg:deb/debian/g%2B%2B@1:2+3~4?arch=all', '-', 'container'],
        ['pkg:deb/debian/kmod@34.2-2?arch=arm64', 'GPL-2+', '/usr/share/pxeboot/copyright/kmod initrd-aarch64'],
        ['pkg:deb/debian/kmod@34.2-2?arch=amd64', 'GPL-2+', '/usr/share/pxeboot/copyright/kmod initrd-x86_64'],
        [
          'pkg:generic/ipxe@sha256:00?arch=arm64&download_url=https%3A%2F%2Fboot.example%2Farm64-efi%2Fipxe.efi',
          '-',
          '/c/ipxe ipxe',
        ],
        ['pkg:npm/%40scope/a@1.0.0', 'my own', '/c/a'],
        ['pkg:npm/express@5.3.0', 'MIT', '/c/express'],
        ['pkg:npm/node@24.21.0', 'MIT', '/c/node'],
      ],
    );
  });
});
