import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import type { StepOf } from '../../src/steps/index.ts';
import { installKernel } from '../../src/steps/install-kernel.ts';
import { serveFile } from './support/file-server.ts';
import { installationInto } from './support/installation.ts';
import { debian, release } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function stepFor(url: string, kernelRelease: string): StepOf<'install-kernel'> {
  return { kind: 'install-kernel', url, release: kernelRelease, kernel: `boot/vmlinuz-${kernelRelease}` };
}

test('a kernel and its modules that are there are kept, and nothing is asked of the server', async (context) => {
  const directory = await writeTree(context, {
    [`boot/vmlinuz-${release}`]: 'old',
    [`lib/modules/${release}/modules.dep`]: 'kernel/old.ko:\n',
  });
  const own = await writeTree(context, { [`${release}/modules.dep`]: 'kernel/new.ko:\n' });
  const server = await serveFile(context, Buffer.from('new'));

  await installKernel.run(stepFor(server.url, release), installationInto(directory, { ownModules: own }));

  assert.equal(await readFile(join(directory, `boot/vmlinuz-${release}`), 'utf8'), 'old');
  assert.equal(await readFile(join(directory, `lib/modules/${release}/modules.dep`), 'utf8'), 'kernel/old.ko:\n');
  assert.deepEqual(server.asked, []);
});

test('a kernel that is missing comes from the server; its modules must exist somewhere', async (context) => {
  const directory = await writeTree(context, debian);
  const server = await serveFile(context, Buffer.from('kernel'));
  const step = stepFor(server.url, '0.0.0-none');

  await assert.rejects(
    installKernel.run(step, installationInto(directory)),
    /copy the modules of kernel 0\.0\.0-none: neither the root file system nor modules\.cpio\.gz has them/,
  );
  await mkdir(join(directory, 'lib/modules/0.0.0-none'), { recursive: true });
  await writeFile(join(directory, 'lib/modules/0.0.0-none/modules.dep'), 'kernel/ext4.ko:\n');
  await installKernel.run(step, installationInto(directory));

  assert.equal(await readFile(join(directory, 'boot/vmlinuz-0.0.0-none'), 'utf8'), 'kernel');
});

for (const [what, left] of [
  ['no modules', {}],
  ['modules without an index', { 'lib/modules/1-a/modules.builtin': 'x', 'lib/modules/1-a/modules.dep': '' }],
] as const) {
  test(`a root file system with its kernel and ${what} gets those of the installer, checked`, async (context) => {
    const directory = await writeTree(context, { ...debian, 'boot/vmlinuz-1-a': 'old', ...left });
    const own = await writeTree(context, { '1-a/modules.dep': 'kernel/ext4.ko:\n', '1-a/kernel/ext4.ko': 'module' });
    const server = await serveFile(context, Buffer.from('modules'));
    const step = stepFor('http://127.0.0.1:9/never-asked', '1-a');
    const modules = { url: server.url, sha256: sha256('modules') };

    await installKernel.run({ ...step, modules }, installationInto(directory, { ownModules: own }));

    assert.equal(await readFile(join(directory, 'boot/vmlinuz-1-a'), 'utf8'), 'old');
    assert.equal(await readFile(join(directory, 'lib/modules/1-a/kernel/ext4.ko'), 'utf8'), 'module');
    assert.equal(await readFile(join(directory, 'lib/modules/1-a/modules.dep'), 'utf8'), 'kernel/ext4.ko:\n');
    assert.equal(server.asked.length, 1);
  });
}

test('modules that the index names and the archive lacks are told, and those that there are copied', async (context) => {
  const index = 'kernel/fs/ext4.ko: kernel/lib/crc.ko\nkernel/lib/crc.ko:\nkernel/net/a.ko.xz:\nkernel/net/b.ko.xz:\n';
  const step = stepFor('http://127.0.0.1:9/never-asked', '1-a');
  const files = { '1-a/modules.dep': index, '1-a/kernel/fs/ext4.ko': 'module', '1-a/kernel/lib/crc.ko': 'module' };
  const install = async (own: Record<string, string>): Promise<string[]> => {
    const directory = await writeTree(context, { ...debian, 'boot/vmlinuz-1-a': 'old' });
    const installation = installationInto(directory, { ownModules: await writeTree(context, own) });
    await installKernel.run(step, installation);
    assert.equal(await readFile(join(directory, 'lib/modules/1-a/kernel/fs/ext4.ko'), 'utf8'), 'module');
    return installation.lines.filter((line) => line.includes(' warn '));
  };

  const lacking = await install(files);
  const whole = await install({ ...files, '1-a/kernel/net/a.ko.xz': 'x', '1-a/kernel/net/b.ko.xz': 'x' });

  assert.equal(lacking.length, 1);
  assert.match(
    lacking[0] ?? '',
    /modules\.cpio\.gz lacks 2 of the 4 modules .*, such as kernel\/net\/a\.ko\.xz; is it whole\?$/,
  );
  assert.deepEqual(whole, []);
});

test('a kernel or modules with another sum than listed are refused', async (context) => {
  const directory = await writeTree(context, debian);
  const own = await writeTree(context, { '1-a/kernel/ext4.ko': 'module' });
  const [kernel, modules] = [
    await serveFile(context, Buffer.from('kernel')),
    await serveFile(context, Buffer.from('modules')),
  ];
  const good = {
    ...stepFor(kernel.url, '1-a'),
    sha256: sha256('kernel'),
    modules: { url: modules.url, sha256: sha256('modules') },
  };

  await assert.rejects(
    installKernel.run({ ...good, sha256: sha256('another') }, installationInto(directory, { ownModules: own })),
    (error: unknown) => error instanceof InputError && error.message.startsWith(`check ${kernel.url}: its SHA-256`),
  );
  assert.deepEqual(await readdir(join(directory, 'boot')), []);
  await assert.rejects(
    installKernel.run(
      { ...good, modules: { ...good.modules, sha256: sha256('another') } },
      installationInto(directory, { ownModules: own }),
    ),
    (error: unknown) => error instanceof InputError && error.message.startsWith(`check ${modules.url}: its SHA-256`),
  );
  await rm(join(directory, 'boot'), { recursive: true });
  await installKernel.run(good, installationInto(directory, { ownModules: own }));

  assert.equal(await readFile(join(directory, 'lib/modules/1-a/kernel/ext4.ko'), 'utf8'), 'module');
});
