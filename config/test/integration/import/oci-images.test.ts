import assert from 'node:assert/strict';
import { chown, link, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { importImage } from '../../../import/import-image.ts';
import { describeError } from '../../../kit/errors.ts';
import { needs } from '../../support/requirements.ts';
import { temporaryDirectory } from './support/disk-image.ts';
import { importFile, moduleList, requirements } from './support/imported.ts';
import type { TestImage } from './support/oci-layout.ts';
import { rootLayer, TestLayout } from './support/oci-layout.ts';
import { release, writeRoot } from './support/small-root.ts';

const timeoutMs = 120_000;
needs('buildah');

const docker: Partial<TestImage> = {
  manifestType: 'application/vnd.docker.distribution.manifest.v2+json',
  configType: 'application/vnd.docker.container.image.v1+json',
};
const kinds: Record<string, Partial<TestImage>> = {
  tar: { packing: 'tar' },
  'tar+gzip': { packing: 'gzip' },
  'tar+zstd': { packing: 'zstd' },
  'zstd that its type calls gzip': { packing: 'zstd', layerType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
  'Docker’s gzip': { ...docker, packing: 'gzip', layerType: 'application/vnd.docker.image.rootfs.diff.tar.gzip' },
  'Docker’s tar': { ...docker, packing: 'tar', layerType: 'application/vnd.docker.image.rootfs.diff.tar' },
};

for (const [title, kind] of Object.entries(kinds)) {
  test(`a container image with layers of ${title} is imported`, requirements, async (context) => {
    const layout = await TestLayout.make(context);
    const descriptor = await layout.image({
      layers: [await rootLayer(context), [{ path: 'srv/new', content: 'new' }]],
      ...kind,
    });

    const { record, directory, text } = await importFile(context, await layout.index(descriptor));

    assert.deepEqual(record.source, {
      name: 'image.oci',
      kind: 'container image (OCI)',
      bytes: record.source.bytes,
      sha256: descriptor.digest.slice('sha256:'.length),
    });
    assert.match(directory, /\/ubuntu-24\.04\/x86_64$/);
    assert.equal(await readFile(join(directory, `vmlinuz-${release}`), 'utf8'), 'kernel\n');
    assert.equal(await text('srv/new'), 'new');
    const { stdout } = await run('zstd', ['-lv', join(directory, 'rootfs.tar.zst')], { timeoutMs });
    assert.match(stdout, new RegExp(`Decompressed Size: .*\\(${record.unpacked_bytes} B\\)`));
  });
}

/** What an import says. */
async function outcome(
  context: TestContext,
  layout: string,
  wish: { arch?: 'x86_64' | 'aarch64'; ref?: string } = {},
): Promise<string> {
  return importFile(context, layout, wish).then(
    ({ directory }) => directory.split('/').slice(-2).join('/'),
    describeError,
  );
}

test(
  'of several architectures the one that is asked for is taken, else this machine’s, else the only one',
  requirements,
  async (context) => {
    const layout = await TestLayout.make(context);
    const amd = await layout.image({ layers: [await rootLayer(context)], platform: true });
    const arm = await layout.image({
      layers: [await rootLayer(context, { machine: 183 })],
      architecture: 'arm64',
      platform: true,
    });
    const unsaid = await layout.image({ layers: [await rootLayer(context, { machine: 183 })], architecture: 'arm64' });
    const other = await layout.image({ layers: [[{ path: 'x' }]], architecture: 'riscv64', platform: true });
    const attestation = {
      ...(await layout.image({ layers: [[{ path: 'y' }]], architecture: 'unknown' })),
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const [mine, theirs] =
      process.arch === 'arm64' ? (['aarch64', 'x86_64'] as const) : (['x86_64', 'aarch64'] as const);

    await layout.index(await layout.nested([await layout.nested([amd, attestation]), arm, other], 'latest'));
    assert.equal(await outcome(context, layout.directory), `ubuntu-24.04/${mine}`);
    assert.equal(await outcome(context, layout.directory, { arch: theirs }), `ubuntu-24.04/${theirs}`);
    await layout.index(amd, unsaid);
    assert.equal(await outcome(context, layout.directory, { arch: 'aarch64' }), 'ubuntu-24.04/aarch64');
    await layout.index(mine === 'x86_64' ? arm : amd);
    assert.equal(await outcome(context, layout.directory), `ubuntu-24.04/${theirs}`);
    assert.match(
      await outcome(context, layout.directory, { arch: mine }),
      /image\.oci": it has images for linux\/\w+, and none for \w+ \(--arch\)$/,
    );
    await layout.index(mine === 'x86_64' ? arm : amd, other);
    assert.match(
      await outcome(context, layout.directory),
      /it has images for linux\/\w+, linux\/riscv64; choose one with --arch$/,
    );
  },
);

test(
  'of several names the one that is asked for is taken, and without one they are said',
  requirements,
  async (context) => {
    const layout = await TestLayout.make(context);
    const noble = await layout.image({ layers: [await rootLayer(context)], name: 'noble' });
    const bookworm = await layout.image({
      layers: [await rootLayer(context, { osRelease: 'ID=debian\nVERSION_ID=12\n' })],
      name: 'registry.example/debian:12',
    });
    await layout.index(noble, bookworm);

    assert.equal(await outcome(context, layout.directory, { ref: 'noble' }), 'ubuntu-24.04/x86_64');
    assert.equal(await outcome(context, layout.directory, { ref: 'registry.example/debian:12' }), 'debian-12/x86_64');
    assert.match(
      await outcome(context, layout.directory),
      /it has the images noble, registry\.example\/debian:12; choose one with --ref$/,
    );
    assert.match(await outcome(context, layout.directory, { ref: 'sid' }), /and none called "sid" \(--ref\)$/);
    await layout.index(noble, { ...noble, annotations: { 'org.opencontainers.image.ref.name': 'also' } });
    assert.equal(await outcome(context, layout.directory), 'ubuntu-24.04/x86_64');
  },
);

test('a container image without kernel or init program is refused with that reason', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  await layout.index(await layout.image({ layers: [await rootLayer(context, { kernel: false })] }));
  assert.match(
    await outcome(context, layout.directory),
    /image\.oci": look for a kernel with its modules: kernels in \/boot: none; modules: none/,
  );

  const bare = [{ path: 'etc/os-release', content: 'ID=debian\n' }];
  await layout.index(await layout.image({ layers: [bare] }));
  assert.match(await outcome(context, layout.directory), /look for the init program: the system has none of/);
});

test('kernel and initrd are taken from where bootable container images have them', requirements, async (context) => {
  const directory = await temporaryDirectory(context);
  const root = join(directory, 'root');
  await writeRoot(root);
  const folder = join(root, 'usr/lib/modules', release);
  await rename(join(root, `boot/vmlinuz-${release}`), join(folder, 'vmlinuz'));
  await rename(join(root, `boot/initrd.img-${release}`), join(folder, 'initramfs.img'));
  await run('tar', ['-C', root, '-cf', join(directory, 'layer.tar'), '.'], { timeoutMs });
  const layout = await TestLayout.make(context);

  const { directory: made } = await importFile(
    context,
    await layout.index(await layout.image({ layers: [await readFile(join(directory, 'layer.tar'))] })),
  );

  assert.equal(await readFile(join(made, `vmlinuz-${release}`), 'utf8'), 'kernel\n');
  assert.equal(await readFile(join(made, `initramfs-${release}.img`), 'utf8'), 'initrd\n');
});

/** Builds an image of a small system with buildah, in two layers, and pushes it. */
async function pushed(context: TestContext, transport: string): Promise<{ file: string; root: string }> {
  const cwd = await temporaryDirectory(context);
  const root = join(cwd, 'root');
  await writeRoot(root);
  await mkdir(join(root, 'srv/old'), { recursive: true });
  await writeFile(join(root, 'srv/old/file'), 'old\n');
  await chown(join(root, 'srv/old/file'), 4242, 65_000);
  await run('setcap', ['cap_net_raw+ep', join(root, 'srv/old/file')], { timeoutMs });
  await link(join(root, 'srv/old/file'), join(root, 'srv/link'));
  const store = ['--root', `${cwd}/store`, '--runroot', `${cwd}/run`, '--storage-driver', 'vfs'];
  const buildah = async (...args: string[]): Promise<string> =>
    (await run('buildah', [...store, ...args], { timeoutMs, cwd })).stdout.trim();
  const first = await buildah('from', 'scratch');
  await run('cp', ['-a', `${root}/.`, await buildah('mount', first)], { timeoutMs });
  const base = await buildah('commit', '-q', first);
  const second = await buildah('from', base);
  const mounted = await buildah('mount', second);
  await run('rm', ['-r', join(mounted, 'var/empty-no-more')], { timeoutMs });
  await writeFile(join(mounted, 'srv/new'), 'new\n');
  const image = await buildah('commit', '-q', second);
  await buildah('umount', first);
  await buildah('umount', second);
  await buildah('push', '-q', image, `${transport}:pushed:latest`);
  return { file: join(cwd, 'pushed'), root };
}

test('what buildah pushes is imported', requirements, async (context) => {
  const { file } = await pushed(context, 'oci');

  const { directory, paths, text } = await importFile(context, file, { ref: 'latest' });

  assert.ok(!paths.includes('var/empty-no-more'));
  assert.equal(await text('srv/new'), 'new');
  const target = await temporaryDirectory(context);
  const args = ['--zstd', '-xp', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', target];
  await run('tar', [...args, '-f', join(directory, 'rootfs.tar.zst')], { timeoutMs });
  const { stdout } = await run('stat', ['-c', '%u:%g %h', join(target, 'srv/old/file'), join(target, 'srv/link')], {
    timeoutMs,
  });
  assert.equal(stdout, '4242:65000 2\n4242:65000 2');
  assert.match((await run('getcap', [join(target, 'srv/link')], { timeoutMs })).stdout, /cap_net_raw=ep$/);
});

test('an archive of a container image is refused with what makes a directory of it', requirements, async (context) => {
  const oci = await pushed(context, 'oci-archive');
  const { file } = await pushed(context, 'docker-archive');

  const message = await outcome(context, oci.file);
  assert.match(
    message,
    /it is an archive of a container image; unpack it: mkdir image\.oci && tar -C image\.oci -xf ".*\/pushed"; then/,
  );
  const [, command = ''] = /unpack it: (.*); then/.exec(message) ?? [];
  await run('bash', ['-c', command], { timeoutMs, cwd: dirname(oci.file) });
  assert.equal(await outcome(context, join(dirname(oci.file), 'image.oci')), 'ubuntu-24.04/x86_64');
  assert.match(
    await outcome(context, file),
    /as Docker had it before version 25; convert it: skopeo copy "docker-archive:.*\/pushed" oci:image\.oci/,
  );
});

test(
  'an architecture that the system has not, and a name where there can be none, are refused',
  requirements,
  async (context) => {
    const directory = await temporaryDirectory(context);
    await writeFile(join(directory, 'root.tar'), await rootLayer(context));

    assert.match(
      await outcome(context, join(directory, 'root.tar'), { arch: 'aarch64' }),
      /its system is for x86_64, and not for aarch64 \(--arch\)/,
    );
    assert.match(
      await outcome(context, join(directory, 'root.tar'), { ref: 'x' }),
      /--ref chooses an image of a directory/,
    );
    assert.equal(await outcome(context, join(directory, 'root.tar'), { arch: 'x86_64' }), 'ubuntu-24.04/x86_64');
  },
);

test('an import of a container image that is interrupted leaves nothing', requirements, async (context) => {
  const layout = await TestLayout.make(context);
  const big = [{ path: 'srv/big', content: Buffer.alloc(3_000_000, 'x') }];
  await layout.index(await layout.image({ layers: [await rootLayer(context), big], packing: 'gzip' }));
  const interrupt = new AbortController();
  const images = join(dirname(layout.directory), 'images');

  const ended = importImage(layout.directory, {
    images,
    moduleList,
    signal: interrupt.signal,
    progress: {
      say: () => undefined,
      follow: (what, _total, work) => {
        if (what.startsWith('pack')) interrupt.abort();
        return work(() => undefined);
      },
    },
  }).then(String, describeError);

  assert.match(await ended, /was interrupted; nothing of it is left/);
  assert.deepEqual(await readdir(images), []);
});
