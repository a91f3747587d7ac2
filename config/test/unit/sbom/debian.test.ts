import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { licencesOf, parseDebianPackages } from '../../../build/sbom/debian-packages.ts';

describe('parseDebianPackages', () => {
  const nginx =
    'Package: nginx\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1.26.3-3\nDescription: a\n b\n';

  test('reads the installed packages of dpkg’s status file', () => {
    const removed = 'Package: old\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n';

    assert.deepEqual(parseDebianPackages(`${nginx}\n${removed}`), [
      { name: 'nginx', version: '1.26.3-3', architecture: 'arm64' },
    ]);
  });

  test('reads what dpkg-deb --field prints, which has no status', () => {
    const text =
      'Package: kmod\nVersion: 34.2-2\nArchitecture: amd64\n\nPackage: tar\nVersion: 1.35\nArchitecture: amd64\n';

    assert.deepEqual(
      parseDebianPackages(text).map(({ name }) => name),
      ['kmod', 'tar'],
    );
  });

  test('reads where a package is from that is not Debian’s', () => {
    const text = 'Package: ipxe\nVersion: sha256:00\nArchitecture: amd64\nDownloaded-From: https://x/ipxe.efi\n\n';

    assert.deepEqual(parseDebianPackages(text), [
      { name: 'ipxe', version: 'sha256:00', architecture: 'amd64', downloadedFrom: 'https://x/ipxe.efi' },
    ]);
  });

  test('does not take a field’s continuation line for a field', () => {
    const text = 'Package: a\nVersion: 1\nArchitecture: all\nConffiles:\n Version: 2\n';

    assert.equal(parseDebianPackages(text)[0]?.version, '1');
  });
});

describe('licencesOf', () => {
  test('names each licence of a machine-readable file once, sorted', () => {
    const text =
      'Format: https://x/1.0/\n\nFiles: *\nLicense: GPL-2 or GPL-3\n\nFiles: b\nLicense: Expat\n\nLicense: Expat\n words\n';

    assert.deepEqual(licencesOf(text), ['Expat', 'GPL-2 or GPL-3']);
  });

  test('guesses nothing from free text', () => {
    assert.deepEqual(licencesOf('This is GNU C Library.\nLicense: see below\n'), []);
  });
});
