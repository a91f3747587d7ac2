import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { HostError, InputError } from '@pxeboot/config/errors';
import { run } from '@pxeboot/config/run';

import { execute } from '../../src/execute.ts';
import { installBootLoader, verify } from '../../src/executors/boot-loader.ts';
import { installKernel, makeInitramfs } from '../../src/executors/kernel.ts';
import { writeSeed, writeSystem } from '../../src/executors/system-files.ts';
import { createReporter } from '../../src/reporter.ts';
import type { StepKind, StepOf } from '../../src/steps.ts';
import { plan } from '../unit/machine.ts';
import { serveFile } from './support/file-server.ts';
import { installationInto } from './support/installation.ts';
import { needs } from './support/requirements.ts';
import { writeTree } from './support/tree.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const timeoutMs = 60_000;
const release = '6.1.0-56-cloud-amd64';

function stepOf<Kind extends StepKind>(kind: Kind): StepOf<Kind> {
  const step = plan().steps.find((one): one is StepOf<Kind> => one.kind === kind);
  return step ?? assert.fail(`the plan has no step "${kind}"`);
}

const debian = { 'etc/os-release': 'ID=debian\n', 'usr/bin/cloud-init': '#!/bin/sh\n' };

test('a new system has its own name, its fstab, and no identity of the tarball', async (context) => {
  const directory = await writeTree(context, {
    ...debian,
    'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    'var/lib/dbus/machine-id': '0123456789abcdef0123456789abcdef\n',
    'etc/hostname': 'build-host\n',
    'etc/ssh/ssh_host_ed25519_key': 'secret',
    'etc/ssh/ssh_host_ed25519_key.pub': 'public',
    'etc/ssh/sshd_config': 'kept',
  });

  await writeSystem(stepOf('write-system'), installationInto(directory));

  assert.equal(await readFile(join(directory, 'etc/machine-id'), 'utf8'), '');
  await assert.rejects(stat(join(directory, 'var/lib/dbus/machine-id')), { code: 'ENOENT' });
  assert.equal(await readFile(join(directory, 'etc/hostname'), 'utf8'), 'web1\n');
  assert.deepEqual(await readdir(join(directory, 'etc/ssh')), ['sshd_config']);
  assert.equal(await readFile(join(directory, 'etc/fstab'), 'utf8'), stepOf('write-system').fstab);
  assert.match(
    await readFile(join(directory, 'etc/systemd/networkd.conf.d/90-pxeboot.conf'), 'utf8'),
    /^\[DHCPv6\]\nDUIDType=link-layer$/m,
  );
});

test('a tarball of another family is refused by its os-release', async (context) => {
  const directory = await writeTree(context, { 'etc/os-release': 'ID=fedora\n', 'etc/hostname': 'kept\n' });

  await assert.rejects(
    writeSystem(stepOf('write-system'), installationInto(directory)),
    (error: unknown) => error instanceof InputError && error.message.includes('ID "fedora"'),
  );
  assert.equal(await readFile(join(directory, 'etc/hostname'), 'utf8'), 'kept\n');
});

test('a tarball of something else is refused: it has no os-release', async (context) => {
  const directory = await writeTree(context, { 'README.md': 'not a system' });

  await assert.rejects(
    writeSystem(stepOf('write-system'), installationInto(directory)),
    /read \/etc\/os-release of what was unpacked: it has none/,
  );
});

test('the seed lies where NoCloud looks, readable by root only, and no other source is tried', async (context) => {
  const seed = 'var/lib/cloud/seed/nocloud-net';
  const left = { [`${seed}/meta-data`]: 'left by the image', [`${seed}/vendor-data`]: 'left by the image' };
  const directory = await writeTree(context, { ...debian, ...left });
  const installation = installationInto(directory);

  await writeSeed(stepOf('write-seed'), installation);

  assert.deepEqual(await readdir(join(directory, seed)), ['meta-data']);
  const metaData = join(directory, seed, 'meta-data');
  assert.equal(await readFile(metaData, 'utf8'), 'instance-id: web1-1\n');
  assert.equal((await stat(metaData)).mode & 0o777, 0o600);
  const sources = await readFile(join(directory, 'etc/cloud/cloud.cfg.d/90-pxeboot.cfg'), 'utf8');
  assert.equal(sources, 'datasource_list: [ NoCloud, None ]\n');
  assert.deepEqual(installation.lines, []);
});

test('a root file system without cloud-init is warned about', async (context) => {
  const installation = installationInto(await writeTree(context, { 'etc/os-release': 'ID=debian\n' }));

  await writeSeed(stepOf('write-seed'), installation);

  assert.match(installation.lines.join(), /warn test the root file system has no cloud-init/);
});

test('a kernel, its modules and an initramfs that are there are kept, and nothing is asked of the server', async (context) => {
  const directory = await writeTree(context, {
    [`boot/vmlinuz-${release}`]: 'old',
    [`boot/initrd.img-${release}`]: 'old',
    [`usr/lib/modules/${release}/modules.dep`]: 'kernel/old.ko:\n',
  });
  const own = await writeTree(context, { [`${release}/modules.dep`]: 'kernel/new.ko:\n' });
  const server = await serveFile(context, Buffer.from('new'));
  const installation = installationInto(directory, own);

  await installKernel({ kind: 'install-kernel', url: server.url, release }, installation);
  await makeInitramfs({ kind: 'initramfs', release, when: 'if-missing' }, installation);

  assert.equal(await readFile(join(directory, `boot/vmlinuz-${release}`), 'utf8'), 'old');
  assert.equal(await readFile(join(directory, `usr/lib/modules/${release}/modules.dep`), 'utf8'), 'kernel/old.ko:\n');
  assert.deepEqual(server.asked, []);
});

test('a kernel that is missing comes from the server; its modules must exist somewhere', async (context) => {
  const directory = await writeTree(context, debian);
  const server = await serveFile(context, Buffer.from('kernel'));
  const step: StepOf<'install-kernel'> = { kind: 'install-kernel', url: server.url, release: '0.0.0-none' };

  await assert.rejects(
    installKernel(step, installationInto(directory)),
    /copy the modules of kernel 0\.0\.0-none: neither the root file system nor modules\.cpio\.gz has them/,
  );
  await mkdir(join(directory, 'usr/lib/modules/0.0.0-none'), { recursive: true });
  await writeFile(join(directory, 'usr/lib/modules/0.0.0-none/modules.dep'), 'kernel/ext4.ko:\n');
  await installKernel(step, installationInto(directory));

  assert.equal(await readFile(join(directory, 'boot/vmlinuz-0.0.0-none'), 'utf8'), 'kernel');
});

for (const [what, left] of [
  ['no modules', {}],
  ['modules without an index', { 'usr/lib/modules/1-a/modules.builtin': 'x', 'usr/lib/modules/1-a/modules.dep': '' }],
] as const) {
  test(`a root file system with its kernel and ${what} gets those of the installer, checked`, async (context) => {
    const directory = await writeTree(context, { ...debian, 'boot/vmlinuz-1-a': 'old', ...left });
    const own = await writeTree(context, { '1-a/modules.dep': 'kernel/ext4.ko:\n', '1-a/kernel/ext4.ko': 'module' });
    const server = await serveFile(context, Buffer.from('modules'));
    const step = { kind: 'install-kernel', url: 'http://127.0.0.1:9/never-asked', release: '1-a' } as const;
    const modules = { url: server.url, sha256: sha256('modules') };

    await installKernel({ ...step, modules }, installationInto(directory, own));

    assert.equal(await readFile(join(directory, 'boot/vmlinuz-1-a'), 'utf8'), 'old');
    assert.equal(await readFile(join(directory, 'usr/lib/modules/1-a/kernel/ext4.ko'), 'utf8'), 'module');
    assert.equal(await readFile(join(directory, 'usr/lib/modules/1-a/modules.dep'), 'utf8'), 'kernel/ext4.ko:\n');
    assert.equal(server.asked.length, 1);
  });
}

test('a kernel or modules with another sum than listed are refused', async (context) => {
  const directory = await writeTree(context, debian);
  const own = await writeTree(context, { '1-a/kernel/ext4.ko': 'module' });
  const [kernel, modules] = [
    await serveFile(context, Buffer.from('kernel')),
    await serveFile(context, Buffer.from('modules')),
  ];
  const good = {
    kind: 'install-kernel',
    url: kernel.url,
    release: '1-a',
    sha256: sha256('kernel'),
    modules: { url: modules.url, sha256: sha256('modules') },
  } as const;

  await assert.rejects(
    installKernel({ ...good, sha256: sha256('another') }, installationInto(directory, own)),
    (error: unknown) => error instanceof InputError && error.message.startsWith(`check ${kernel.url}: its SHA-256`),
  );
  assert.deepEqual(await readdir(join(directory, 'boot')), []);
  await assert.rejects(
    installKernel(
      { ...good, modules: { ...good.modules, sha256: sha256('another') } },
      installationInto(directory, own),
    ),
    (error: unknown) => error instanceof InputError && error.message.startsWith(`check ${modules.url}: its SHA-256`),
  );
  await rm(join(directory, 'boot'), { recursive: true });
  await installKernel(good, installationInto(directory, own));

  assert.equal(await readFile(join(directory, 'usr/lib/modules/1-a/kernel/ext4.ko'), 'utf8'), 'module');
});

test('without initramfs and without the program that makes one, the installation stops', async (context) => {
  const directory = await writeTree(context, { [`boot/initrd.img-${release}`]: '' });

  await assert.rejects(
    makeInitramfs({ kind: 'initramfs', release, when: 'if-missing' }, installationInto(directory)),
    /the root file system has none and no update-initramfs; add the package initramfs-tools/,
  );
});

test('without grub-install the installation stops, and says which package has it', async (context) => {
  const directory = await writeTree(context, debian);

  await assert.rejects(
    installBootLoader(stepOf('boot-loader'), installationInto(directory)),
    (error: unknown) =>
      error instanceof InputError &&
      error.message === 'install GRUB: the root file system has no grub-install; add the package grub-efi to it',
  );
});

/** Does what grub-install does of its own on an ESP. */
const grubInstall = `#!/bin/sh
while [ "$1" != --efi-directory ]; do shift; done
[ -d "$2" ] || exit 1
mkdir -p "$2/EFI/debian"
echo GRUB > "$2/EFI/debian/grubx64.efi"
`;

test(
  'the boot loader waits where no firmware looks, also under the removable path',
  needs('busybox', 'ldd', 'chroot'),
  async (t) => {
    const directory = await writeTree(t, { ...debian, 'usr/sbin/grub-install': grubInstall });
    // A shell with its libraries, for the chroot.
    const copy = 'cp --parents "$0" $(ldd "$0" | grep -o "/[^ ]*") "$1"';
    await run('sh', ['-c', copy, '/usr/bin/busybox', directory], { timeoutMs });
    await mkdir(join(directory, 'bin'));
    for (const applet of ['sh', 'mkdir']) await symlink('/usr/bin/busybox', join(directory, 'bin', applet));
    await chmod(join(directory, 'usr/sbin/grub-install'), 0o755);

    await installBootLoader(stepOf('boot-loader'), installationInto(directory));

    const esp = join(directory, 'boot/efi');
    assert.deepEqual(await readdir(esp), ['pxeboot-unfinished']);
    assert.equal(await readFile(join(esp, 'pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI'), 'utf8'), 'GRUB\n');
  },
);

test('a system without its loader is not called installed: what comes after is not done', async (context) => {
  const { lines, ...installation } = installationInto(await writeTree(context, { 'boot/grub/grub.cfg': 'x' }));
  const failed: string[] = [];

  await assert.rejects(
    execute([stepOf('verify'), stepOf('mark-installed')], {
      ...{ ...installation, reporter: createReporter('', installation.log) },
      failed: ({ kind }) => failed.push(kind),
    }),
    /check the installed system: "\/boot\/efi\/pxeboot-unfinished\/EFI\/BOOT\/BOOTX64\.EFI" is missing or empty/,
  );

  assert.deepEqual(failed, ['verify']);
  assert.ok(!lines.some((line) => line.includes('mark')), lines.join('\n'));
});

test('a system whose kernel has no index of its modules is not called installed', async (context) => {
  const directory = await writeTree(context, {
    ...Object.fromEntries(
      [
        ...['boot/efi/pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI', 'boot/grub/grub.cfg', `boot/vmlinuz-${release}`],
        ...[`boot/initrd.img-${release}`, 'var/lib/cloud/seed/nocloud-net/meta-data', 'etc/fstab'],
      ].map((path) => [path, 'x']),
    ),
    'etc/machine-id': '',
    [`usr/lib/modules/${release}/modules.dep`]: '',
  });

  await assert.rejects(
    verify(stepOf('verify'), installationInto(directory)),
    (error: unknown) =>
      error instanceof HostError &&
      error.message.startsWith(
        `check the installed system: "/usr/lib/modules/${release}/modules.dep" is missing or empty, so no module`,
      ),
  );
  await writeFile(join(directory, `usr/lib/modules/${release}/modules.dep.bin`), 'index');
  await verify(stepOf('verify'), installationInto(directory));
});
