import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import type { MadeEntry } from '../../support/root-archive.ts';
import { fedoraRoot, tarOf } from '../../support/root-archive.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, requirements, unpackedByInstaller } from './support/imported.ts';
import { layoutOf } from './support/oci-layout.ts';

/** As ostree encapsulates a commit: every content has a name in its repository first, and its own is a hard link to it. */
function encapsulated(repository: string): MadeEntry[] {
  const contents = [...new Set(fedoraRoot.map(({ content }) => content).filter((content) => content !== undefined))];
  const nameOf = (content: string | Buffer): string =>
    `${repository}/${String(contents.indexOf(content)).padStart(2, '0')}/${'5'.repeat(30)}.file`;
  return [
    { path: `${repository}/` },
    ...contents.map((content) => ({ path: nameOf(content), content, mode: 0o755 })),
    ...fedoraRoot.map(({ content, ...entry }) =>
      content === undefined ? entry : { ...entry, path: entry.path.slice(2), hardlink: nameOf(content) },
    ),
  ];
}

async function requireWhole(context: TestContext, repository: string, file?: string): Promise<void> {
  const layers = [encapsulated(repository), [{ path: 'srv/new', content: 'new' }]];
  const layout = file ?? (await layoutOf(context, layers));

  const { directory, record, paths } = await importFile(context, layout);

  assert.equal(record.os.name, 'Fedora Linux 40');
  assert.equal(await readFile(join(directory, 'vmlinuz-6.8.5-301.fc40.x86_64'), 'utf8'), 'kernel');
  assert.equal(await readFile(join(directory, 'initramfs-6.8.5-301.fc40.x86_64.img'), 'utf8'), 'initramfs');
  assert.ok(paths.some((path) => path.includes('/00/')));
  const target = await unpackedByInstaller(context, layout);
  assert.match(await readFile(join(target, 'usr/lib/os-release'), 'utf8'), /^ID=fedora$/m);
  assert.equal(await readFile(join(target, 'usr/bin/cloud-init'), 'utf8'), '#!/usr/bin/python3\n');
}

test('a system whose files are hard links into a repository of ostree is imported', requirements, async (context) => {
  await requireWhole(context, 'sysroot/ostree/repo/objects');
});

test('a system whose files have another name first, wherever it is, is imported', requirements, async (context) => {
  await requireWhole(context, 'a');
});

test(
  'an archive of such a system is imported too, also when tar must not take its names for options',
  requirements,
  async (context) => {
    for (const repository of [
      'sysroot/ostree/repo/objects',
      './sysroot/objects',
      "--to-command=false/it's \\ b\n",
      '-T',
    ]) {
      const file = join(await temporaryDirectory(context), 'root.tar');
      await writeFile(file, tarOf(encapsulated(repository)));
      await requireWhole(context, repository, file);
    }
  },
);
