import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';

import { architectures, type Arch } from '@pxeboot/config/contract/architecture';
import { lackOf, unlessMissing } from '@pxeboot/config/test/support/requirements';
import { execa } from 'execa';

import { readImageFile } from '../image/support/image-file.ts';
import { readCpio } from '../image/support/read-cpio.ts';
import { unpackMember } from '../image/support/unpack-member.ts';

const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const project = join(import.meta.dirname, '../../..');
const tarball = join(project, `pxeboot_stack_${architectures[machine].debian}.tar`);
const installer = 'usr/bin/os-installer';
const built = 'usr/lib/os-installer';

describe('the initrd of the built image', unlessMissing(lackOf(tarball)), () => {
  for (const arch of Object.keys(architectures) as Arch[]) {
    test(`for ${arch} comes out byte for byte the same when it is built again from the same files`, async () => {
      const root = mkdtempSync(join(tmpdir(), 'initrd-'));
      try {
        const shipped = await readImageFile(tarball, `www/initrds/${arch}/initrd.gz`);
        // A file lies at the same path in the archive as in its package.
        for (const member of readCpio(zstdDecompressSync(shipped))) unpackMember(join(root, 'files'), member);
        const output = join(root, 'initrd.gz');
        const files = join(root, 'files');
        await execa(process.execPath, [
          ...[join(project, 'initrd/src/main.ts'), '--arch', arch, '--folder', join(project, 'initrd')],
          ...[
            '--root',
            files,
            '--installer',
            join(files, installer),
            '--built',
            join(files, built),
            '--output',
            output,
          ],
        ]);

        assert.equal(sha256(readFileSync(output)), sha256(shipped));
      } finally {
        rmSync(root, { recursive: true });
      }
    });
  }
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
