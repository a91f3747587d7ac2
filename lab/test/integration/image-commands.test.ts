import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { TestLayout } from '@pxeboot/config/test/integration/import/support/oci-layout';
import { execa } from 'execa';

const main = join(import.meta.dirname, '../../src/main.ts');

async function lab(...words: string[]): Promise<{ status: number | undefined; stdout: string; stderr: string }> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [main, ...words], { reject: false });
  return { status: exitCode, stdout, stderr };
}

test('"image <distro>" still makes one from Debian packages, and names those that it knows', async () => {
  const { status, stderr } = await lab('image', 'nosuch', '--arch', 'aarch64');

  assert.equal(status, 2);
  assert.match(
    stderr,
    /^lab: build an image: "nosuch" is none of debian-12, debian-13, debian-12-generic, debian-12-selinux, ubuntu-24.04-like, ubuntu-24.04-like-signed, fedora-40-like$/,
  );
});

test('"image import" has its own help, and status 2 for what cannot be imported', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'image-commands-'));
  context.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'page'), '<html>404');

  const help = await lab('image', 'import', '--help');
  const page = await lab('image', 'import', join(directory, 'page'), '--images', join(directory, 'images'));
  const list = await lab('image', 'list', '--json', '--images', join(directory, 'images'));

  assert.match(help.stdout, /--name <name>[^]*The content\ndecides what it is, not the name/);
  assert.equal(page.status, 2);
  assert.match(page.stderr, /^lab: read ".*page": it is an HTML page; give a disk image \(qcow2, raw\), an archive/);
  assert.deepEqual(list, { status: 0, stdout: '[]', stderr: '' });
});

test('"image list" says whether an image installs, and why not', async (context) => {
  const images = await mkdtemp(join(tmpdir(), 'image-commands-'));
  context.after(() => rm(images, { recursive: true }));
  await mkdir(join(images, 'mine/x86_64'), { recursive: true });

  const [text, json, help] = await Promise.all([
    lab('image', 'list', '--images', images),
    lab('image', 'list', '--json', '--no-inspect', '--images', images),
    lab('image', 'list', '--help'),
  ]);

  assert.match(text.stdout, /INSTALLS\nmine .* cannot be installed: has no vmlinuz\* \(2 more: --json\)$/);
  assert.match(
    json.stdout,
    /"verdict": "cannot be installed",\n +"reasons": \[\n +\{\n +"problem": "images\/mine\/x86_64 has no/,
  );
  assert.match(help.stdout, /--no-inspect[^]*"not inspected yet"/);
});

test('"image import" takes the architecture and the name of a container image', async (context) => {
  const layout = await TestLayout.make(context);
  const image = await layout.image({
    layers: [[{ path: 'x' }]],
    architecture: 'riscv64',
    platform: true,
    name: 'mine',
  });
  const directory = await layout.index(image);
  const importIt = (...words: string[]): Promise<{ stderr: string }> =>
    lab('image', 'import', directory, '--images', `${directory}.images`, ...words);

  const [arch, ref] = await Promise.all([importIt('--arch', 'aarch64'), importIt('--ref', 'other')]);

  assert.match(arch.stderr, /it has images for linux\/riscv64, and none for aarch64 \(--arch\)$/);
  assert.match(ref.stderr, /it has the images mine, and none called "other" \(--ref\)$/);
});
