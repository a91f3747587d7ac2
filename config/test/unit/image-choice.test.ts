import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chooseDirectBootFiles, chooseInstallFiles } from '../../definitions/image-choice.ts';
import { completeImage, sampleImage } from '../support/sample-image.ts';
import { sampleVm } from '../support/sample-vm.ts';

/** Where a fault of the distribution is. */
const inDistro = (distro = 'debian-12') => ({ file: '', path: '/distro', value: `"${distro}"` });

test('a complete image gives kernel, root file system and modules', () => {
  assert.deepEqual(chooseInstallFiles(sampleVm(), sampleImage()), {
    ok: true,
    value: {
      distro: 'debian-12',
      kernel: 'vmlinuz-6.1.0-56-cloud-amd64',
      rootfs: 'rootfs.tar.gz',
      modules: 'modules.cpio.gz',
    },
  });
});

test('rootfs.tar.zst is preferred to rootfs.tar.gz', () => {
  const files = chooseInstallFiles(sampleVm(), sampleImage([...completeImage, 'rootfs.tar.zst']));

  assert.equal(files.ok && files.value.rootfs, 'rootfs.tar.zst');
});

test('of the packings zstd comes first, then gzip, xz, bzip2 and none', () => {
  const names = ['rootfs.tar', 'rootfs.tar.bz2', 'rootfs.tar.xz', 'rootfs.tar.gz', 'rootfs.tar.zst'];
  const others = completeImage.filter((name) => !name.startsWith('rootfs'));
  for (const [index, expected] of names.entries()) {
    const files = chooseInstallFiles(sampleVm(), sampleImage([...others, ...names.slice(0, index + 1)]));

    assert.equal(files.ok && files.value.rootfs, expected);
  }
});

for (const end of ['.part', '.tmp', '.crdownload', '.aria2', '~', '.PART', '.download']) {
  test(`a file that ends in "${end}" is being written and is neither kernel nor initrd nor root file system`, () => {
    const [kernel, initrd] = [`vmlinuz-9.9.9${end}`, `initrd.img-9.9.9${end}`];
    const image = sampleImage([...completeImage, kernel, initrd]);
    const alone = chooseDirectBootFiles(sampleVm(), sampleImage([kernel, initrd, `rootfs.tar.gz${end}`]));
    const files = chooseInstallFiles(sampleVm(), image);

    assert.equal(files.ok && files.value.kernel, 'vmlinuz-6.1.0-56-cloud-amd64');
    assert.deepEqual(chooseDirectBootFiles(sampleVm(), image), {
      ok: true,
      value: {
        distro: 'debian-12',
        kernel: 'vmlinuz-6.1.0-56-cloud-amd64',
        initrd: 'initrd.img-6.1.0-56-cloud-amd64',
      },
    });
    assert.deepEqual(!alone.ok && alone.faults.map(({ problem }) => problem), [
      'images/debian-12/x86_64 has no vmlinuz*',
      'images/debian-12/x86_64 has no initrd* or initramfs*',
    ]);
  });
}

test('without a kernel in the definition the newest version is used, not the last in the alphabet', () => {
  const image = sampleImage([
    ...completeImage,
    'vmlinuz-6.1.0-9-cloud-amd64',
    'vmlinuz-5.10.0-99-amd64',
    'vmlinuz.old',
  ]);

  const files = chooseInstallFiles(sampleVm(), image);

  assert.equal(files.ok && files.value.kernel, 'vmlinuz-6.1.0-56-cloud-amd64');
});

test('the kernel named in the definition is used though a newer one is there', () => {
  const image = sampleImage([...completeImage, 'vmlinuz-6.1.0-9-cloud-amd64']);

  const files = chooseInstallFiles(sampleVm({ kernel: 'vmlinuz-6.1.0-9-cloud-amd64' }), image);

  assert.equal(files.ok && files.value.kernel, 'vmlinuz-6.1.0-9-cloud-amd64');
});

test('a named kernel that is missing is never replaced by another one', () => {
  assert.deepEqual(chooseInstallFiles(sampleVm({ kernel: 'vmlinuz-7' }), sampleImage()), {
    ok: false,
    faults: [
      {
        ...{ file: '', path: '/kernel', value: '"vmlinuz-7"' },
        problem: 'images/debian-12/x86_64 has no "vmlinuz-7"; it has vmlinuz-6.1.0-56-cloud-amd64',
        fix: 'correct "kernel", remove it to use the newest vmlinuz*, or put the file there',
      },
    ],
  });
});

test('every missing file is named at once', () => {
  assert.deepEqual(chooseInstallFiles(sampleVm(), sampleImage([])), {
    ok: false,
    faults: [
      { ...inDistro(), problem: 'images/debian-12/x86_64 has no vmlinuz*', fix: 'put vmlinuz* there' },
      {
        ...inDistro(),
        problem: 'images/debian-12/x86_64 has no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar',
        fix: 'put rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar there',
      },
      { ...inDistro(), problem: 'images/debian-12/x86_64 has no modules.cpio.gz', fix: 'put modules.cpio.gz there' },
    ],
  });
});

test('what is wrong with the content of an image is a reason against an installation, and none against a direct boot', () => {
  const content = { problem: 'images/debian-12/x86_64/rootfs.tar.gz is an HTML page', fix: 'fetch the image again' };
  const verdict = { faults: [content], warnings: [], kernelsWithoutModules: [] };
  const image = { ...sampleImage(), inspected: verdict };

  assert.deepEqual(chooseInstallFiles(sampleVm(), image), { ok: false, faults: [{ ...inDistro(), ...content }] });
  assert.equal(chooseDirectBootFiles(sampleVm(), image).ok, true);
  assert.equal(chooseInstallFiles(sampleVm({ distro: 'fedora-40' }), sampleImage()).ok, true);
});

test('a kernel without modules is a reason where the definition names it, or it is the newest', () => {
  const verdict = { faults: [], warnings: [], kernelsWithoutModules: ['vmlinuz-7.0.0'] };
  const image = { ...sampleImage([...completeImage, 'vmlinuz-7.0.0']), inspected: verdict };
  const fault = {
    problem:
      'images/debian-12/x86_64 has no modules for vmlinuz-7.0.0, neither with an index (modules.dep) in its root file system nor in modules.cpio.gz',
    fix: 'use kernel, root file system and modules of one version',
  };

  assert.deepEqual(chooseInstallFiles(sampleVm(), image), { ok: false, faults: [{ ...inDistro(), ...fault }] });
  assert.deepEqual(chooseInstallFiles(sampleVm({ kernel: 'vmlinuz-7.0.0' }), image), {
    ok: false,
    faults: [{ file: '', path: '/kernel', value: '"vmlinuz-7.0.0"', ...fault }],
  });
  assert.equal(chooseInstallFiles(sampleVm({ kernel: 'vmlinuz-6.1.0-56-cloud-amd64' }), image).ok, true);
});

test('a kernel whose name says another release than its header is to be renamed', () => {
  const misnamedKernels = { 'vmlinuz-24.04': '6.8.0-87-generic' };
  const verdict = { faults: [], warnings: [], kernelsWithoutModules: ['vmlinuz-24.04'], misnamedKernels };
  const image = { ...sampleImage([...completeImage, 'vmlinuz-24.04']), inspected: verdict };

  assert.deepEqual(chooseInstallFiles(sampleVm(), image), {
    ok: false,
    faults: [
      {
        ...inDistro(),
        problem:
          'images/debian-12/x86_64/vmlinuz-24.04 is a kernel of release 6.8.0-87-generic, and its file name says "24.04", of which there are no modules',
        fix: 'rename it to vmlinuz-6.8.0-87-generic',
      },
    ],
  });
  const named = chooseInstallFiles(sampleVm({ kernel: 'vmlinuz-24.04' }), image);
  assert.deepEqual(named.ok ? [] : named.faults.map(({ path, fix }) => [path, fix]), [
    ['/kernel', 'rename it to vmlinuz-6.8.0-87-generic, and write that name as "kernel"'],
  ]);
});

test('a missing directory is one fault, not one per file', () => {
  const choice = chooseInstallFiles(sampleVm(), { ...sampleImage([]), exists: false });

  assert.deepEqual(choice, {
    ok: false,
    faults: [
      {
        ...inDistro(),
        problem: 'the directory images/debian-12/x86_64 is missing',
        fix: 'run "pvmlab distro pull" for debian-12 (x86_64), put the files there, or correct "distro" or "arch"',
      },
    ],
  });
});

test('direct boot takes the initrd of its kernel, as Debian and as Fedora name it', () => {
  const debian = sampleImage(['vmlinuz-6.1.0-9', 'initrd.img-6.1.0-9', 'initrd.img-6.1.0-56']);
  const fedora = sampleImage([
    'vmlinuz-6.8.5-301.fc40.x86_64',
    'initramfs-6.8.5-301.fc40.x86_64.img',
    'initramfs-0-rescue-1.img',
  ]);

  assert.deepEqual(chooseDirectBootFiles(sampleVm(), debian), {
    ok: true,
    value: { distro: 'debian-12', kernel: 'vmlinuz-6.1.0-9', initrd: 'initrd.img-6.1.0-9' },
  });
  assert.deepEqual(chooseDirectBootFiles(sampleVm(), fedora), {
    ok: true,
    value: {
      distro: 'debian-12',
      kernel: 'vmlinuz-6.8.5-301.fc40.x86_64',
      initrd: 'initramfs-6.8.5-301.fc40.x86_64.img',
    },
  });
});

test('without a distribution there is nothing to boot, over the network or else, and that alone is said', () => {
  const vm = sampleVm();
  delete vm.distro;
  const nowhere = { directory: 'images', exists: false, names: [] };
  const fault = {
    file: '',
    path: '/distro',
    value: '',
    problem: 'its definition has no "distro", so there is nothing to boot',
    fix: 'add "distro", the name of a directory under images/ such as "debian-12"',
  };

  assert.deepEqual(chooseInstallFiles(vm, nowhere), { ok: false, faults: [fault] });
  assert.deepEqual(chooseDirectBootFiles(vm, nowhere), { ok: false, faults: [fault] });
});

test('direct boot without an initrd says so', () => {
  assert.deepEqual(chooseDirectBootFiles(sampleVm(), sampleImage(['vmlinuz-6.1.0-9'])), {
    ok: false,
    faults: [
      {
        ...inDistro(),
        problem: 'images/debian-12/x86_64 has no initrd* or initramfs*',
        fix: 'put initrd* or initramfs* there',
      },
    ],
  });
});

test('a file whose name does not fit in a boot script is not chosen', () => {
  const choice = chooseInstallFiles(
    sampleVm(),
    sampleImage(['vmlinuz-9 && shell', 'rootfs.tar.gz', 'modules.cpio.gz']),
  );

  assert.equal(choice.ok, false);
});

test('a file that cannot be read blocks, whoever else can; one that is not needed does not', () => {
  const unreadable = ['vmlinuz-6.1.0-56-cloud-amd64', 'initrd.img-6.1.0-56-cloud-amd64', 'rootfs.tar.gz'];
  const image = { ...sampleImage([...completeImage, 'rootfs.tar.zst']), unreadable };
  const fix = 'let everybody read it ("chmod a+r"); a link must lead to a file that is there';
  const fault = (name: string) => ({
    ...inDistro(),
    problem: `images/debian-12/x86_64/${name} cannot be read by the web server`,
    fix,
  });

  assert.deepEqual(chooseInstallFiles(sampleVm(), image), {
    ok: false,
    faults: [fault('vmlinuz-6.1.0-56-cloud-amd64')],
  });
  assert.deepEqual(chooseDirectBootFiles(sampleVm(), image), {
    ok: false,
    faults: [fault('vmlinuz-6.1.0-56-cloud-amd64'), fault('initrd.img-6.1.0-56-cloud-amd64')],
  });
});

test('a file behind a link that leads out of the images is a fault, of those that are needed', () => {
  const outside = ['initrd.img-6.1.0-56-cloud-amd64', 'modules.cpio.gz'];
  const image = { ...sampleImage(completeImage), outside };

  assert.deepEqual(chooseInstallFiles(sampleVm(), image), {
    ok: false,
    faults: [
      {
        ...inDistro(),
        problem: 'images/debian-12/x86_64/modules.cpio.gz is behind a link that leads out of the images directory',
        fix: 'put the file, or a hard link to it, in the place of the link',
      },
    ],
  });
});
