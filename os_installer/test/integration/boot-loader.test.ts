import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { HostError, InputError } from '@pxeboot/config/kit/errors';
import { needs } from '@pxeboot/config/test/support/requirements';

import { parseOsRelease } from '@pxeboot/config/kit/os-release';

import { grubCommands } from '../../src/boot-loader/image-grub.ts';
import { plannedSite } from '../../src/context.ts';
import { knownOptions } from '../../src/distro/grub-options.ts';
import { execute } from '../../src/execute.ts';
import { createReporter } from '../../src/report/reporter.ts';
import { runCommand } from '../../src/run-command.ts';
import { bootLoader } from '../../src/steps/boot-loader.ts';
import { verify } from '../../src/steps/verify.ts';
import { chrootNeeds, systemWith, systemWithOwn } from './support/chroot.ts';
import { installationInto } from './support/installation.ts';
import { debian, release, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

const grubNeeds = needs('grub-install', 'ldd', 'chroot');

test('without grub-install the installation stops, and says which package has it', async (context) => {
  const directory = await writeTree(context, debian);

  await assert.rejects(
    bootLoader.run(stepOf('boot-loader'), installationInto(directory)),
    (error: unknown) =>
      error instanceof InputError &&
      error.message ===
        'install GRUB: the root file system has no grub-install, and the initrd has none at "/nowhere"; ' +
          'add the package grub-efi to the root file system',
  );
});

/** A grub-install whose help lists some options besides those of every GRUB 2; it refuses the others as argp does.
 * @param more what it does besides putting a loader into its own directory */
function grubInstallThatKnows(options: readonly string[], more = ''): string {
  return `#!/bin/sh
if [ "$1" = --help ]; then
  echo 'Usage: grub-install [OPTION...] [OPTION] [INSTALL_DEVICE]'
${options.map((option) => `  echo '      ${option}   and what it does'`).join('\n')}
  echo '      --target=TARGET        install GRUB for TARGET platform'
  exit
fi
for word; do
  case " ${options.join(' ')} " in *" $word "*) continue ;; esac
  case $word in *-extra-removable) echo "grub-install: unrecognized option '$word'" >&2; exit 64 ;; esac
done
echo "$*" > /boot/arguments
while [ "$1" != --efi-directory ]; do shift; done
[ -d "$2" ] || exit 1
mkdir -p "$2/EFI/debian"
echo GRUB > "$2/EFI/debian/grubx64.efi"
${more}
`;
}

const grubInstall = grubInstallThatKnows([]);

async function systemWithGrubInstall(context: TestContext, script: string): Promise<string> {
  const modules = { 'usr/lib/grub/x86_64-efi/modinfo.sh': 'x' };
  return systemWith(context, { ...debian, ...modules }, 'usr/sbin/grub-install', script);
}

test('the boot loader waits where no firmware looks, also under the removable path', chrootNeeds, async (context) => {
  const directory = await systemWithGrubInstall(context, grubInstall);

  await bootLoader.run(stepOf('boot-loader'), installationInto(directory));

  const esp = join(directory, 'boot/efi');
  assert.deepEqual(await readdir(esp), ['pxeboot-unfinished']);
  assert.equal(await readFile(join(esp, 'pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI'), 'utf8'), 'GRUB\n');
  assert.match(
    await readFile(join(directory, 'usr/local/libexec/pxeboot/refresh-esp'), 'utf8'),
    /^\[ -e '\/boot\/efi\/EFI\/debian\/shimx64\.efi' \] \|\| refresh '\/boot\/efi\/EFI\/debian\/grubx64\.efi' '\/boot\/efi\/EFI\/BOOT\/BOOTX64\.EFI'$/m,
  );
});

test(
  "Debian's grub-install gets the option that puts the loader under the removable path too",
  chrootNeeds,
  async (context) => {
    const directory = await systemWithGrubInstall(context, grubInstallThatKnows(['--force-extra-removable']));

    await bootLoader.run(stepOf('boot-loader'), installationInto(directory));

    assert.match(await readFile(join(directory, 'boot/arguments'), 'utf8'), / --force-extra-removable --no-nvram\n$/);
  },
);

test(
  "Ubuntu's grub-install gets no option of Debian's, and keeps the removable path that it makes",
  chrootNeeds,
  async (context) => {
    const ownRemovable = 'mkdir "$2/EFI/BOOT"; echo SHIM > "$2/EFI/BOOT/BOOTX64.EFI"';
    const directory = await systemWithGrubInstall(
      context,
      grubInstallThatKnows(['--no-extra-removable'], ownRemovable),
    );

    await bootLoader.run(stepOf('boot-loader'), installationInto(directory));

    assert.match(await readFile(join(directory, 'boot/arguments'), 'utf8'), / --bootloader-id debian --no-nvram\n$/);
    assert.equal(await readFile(join(directory, 'boot/efi/pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI'), 'utf8'), 'SHIM\n');
  },
);

test(
  'a grub-install that has no help gets none of the options that not every one has',
  chrootNeeds,
  async (context) => {
    const silent = grubInstall.replace('\n', '\nif [ "$1" = --help ]; then echo "no such option" >&2; exit 64; fi\n');
    const directory = await systemWithGrubInstall(context, silent);
    const installation = installationInto(directory);

    await bootLoader.run(stepOf('boot-loader'), installation);

    assert.match(
      installation.lines.join('\n'),
      /warn test grub-install does not say which options it has; going on without --force-extra-removable reason=.*exited with 64.*no such option/,
    );
    await stat(join(directory, 'boot/efi/pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI'));
  },
);

test("what this machine's own grub-install lists is understood", grubNeeds, async (context) => {
  const target = await systemWithOwn(context, '/usr/sbin/grub-install');
  const hostId = parseOsRelease(await readFile('/etc/os-release', 'utf8')).id;

  const step = stepOf('boot-loader');
  const { help } = grubCommands(step, { ...plannedSite, target });
  const text = await runCommand(help);

  assert.deepEqual(
    knownOptions(text, step.grub.optionalOptions),
    hostId === 'debian' ? ['--force-extra-removable'] : [],
  );
  for (const option of ['--target', '--efi-directory', '--bootloader-id', '--no-nvram']) {
    assert.match(text, new RegExp(`^ +${option}`, 'm'));
  }
});

test('a boot entry that cannot be made is done without, and its reason told', chrootNeeds, async (context) => {
  const refusal = 'case "$*" in --help | *--no-nvram*) ;; *) echo "cannot register the entry" >&2; exit 1;; esac\n';
  const directory = await systemWithGrubInstall(context, grubInstall.replace('\n', `\n${refusal}`));
  const efivars = await writeTree(context, { 'Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c': 'x' });
  const installation = installationInto(directory, { efivars });

  await bootLoader.run(stepOf('boot-loader'), installation);

  assert.match(
    installation.lines.join('\n'),
    /warn test grub-install with a boot entry failed; trying without one reason=.*cannot register the entry/,
  );
  await stat(join(directory, 'boot/efi/pxeboot-unfinished/EFI/BOOT/BOOTX64.EFI'));
});

test('a grub-install that fails in any case is not called a matter of the firmware', chrootNeeds, async (context) => {
  const directory = await systemWithGrubInstall(context, '#!/bin/sh\necho "No space left on device" >&2; exit 1\n');
  const efivars = await writeTree(context, { 'Boot0000-8be4df61-93ca-11d2-aa0d-00e098032b8c': 'x' });
  const installation = installationInto(directory, { efivars });

  await assert.rejects(
    bootLoader.run(stepOf('boot-loader'), installation),
    (error: unknown) => error instanceof InputError && /grub-install cannot be used/.test(error.message),
  );
  assert.match(
    installation.lines.join('\n'),
    /grub-install of the root file system failed: .*--no-nvram: .*No space left on device/,
  );
  assert.doesNotMatch(installation.lines.join('\n'), /firmware/);
});

test('a system without its loader is not called installed: what comes after is not done', async (context) => {
  const { lines, ...installation } = installationInto(await writeTree(context, { 'boot/grub/grub.cfg': 'x' }));
  const failed: string[] = [];

  await assert.rejects(
    execute([stepOf('verify'), stepOf('mark-installed')], installation, {
      reporter: createReporter('', installation.log),
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
    'sbin/init': '#!/bin/sh\n',
    [`lib/modules/${release}/modules.dep`]: '',
  });
  await chmod(join(directory, 'sbin/init'), 0o755);

  await assert.rejects(
    verify.run(stepOf('verify'), installationInto(directory)),
    (error: unknown) =>
      error instanceof HostError &&
      error.message.startsWith(
        `check the installed system: "/lib/modules/${release}/modules.dep" is missing or empty, so no module`,
      ),
  );
  await writeFile(join(directory, `lib/modules/${release}/modules.dep.bin`), 'index');
  await verify.run(stepOf('verify'), installationInto(directory));
});
