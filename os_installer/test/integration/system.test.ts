import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { InputError } from '@pxeboot/config/kit/errors';

import { chooseDistro } from '../../src/distro/detect.ts';
import { newSystemAt } from '../../src/new-system.ts';
import { planForDistro } from '../../src/plan.ts';
import { planForSystem } from '../../src/plan-for-system.ts';
import { writeSystem } from '../../src/steps/write-system.ts';
import { installationInto } from './support/installation.ts';
import { plan, stepIn } from '../unit/sample-machine.ts';
import { debian, release, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

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

  await writeSystem.run(stepOf('write-system'), installationInto(directory));

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

test('a name that is no host name becomes one', async (context) => {
  const directory = await writeTree(context, { ...debian, 'etc/hostname': 'build-host\n' });

  await writeSystem.run(
    stepIn(plan({ config: { vm: 'node_1.k8s' } }).steps, 'write-system'),
    installationInto(directory),
  );

  assert.equal(await readFile(join(directory, 'etc/hostname'), 'utf8'), 'node-1-k8s\n');
});

test('a tarball of another family than planned is planned for what it is', async (context) => {
  const directory = await writeTree(context, { 'etc/os-release': 'ID=fedora\n' });

  const changed = await planForSystem(plan(), newSystemAt(directory));

  assert.equal(changed?.decisions.distro.family, 'fedora');
  assert.deepEqual(
    changed.steps.map(({ kind }) => kind),
    plan().steps.map(({ kind }) => kind),
  );
  assert.equal(stepIn(changed.steps, 'initramfs').initrd, `boot/initramfs-${release}.img`);
});

test('a tarball of the planned family changes nothing', async (context) => {
  const directory = await writeTree(context, { 'usr/lib/os-release': 'ID=ubuntu\nID_LIKE=debian\n' });

  assert.equal(await planForSystem(plan(), newSystemAt(directory)), undefined);
});

test('a tarball of no known family is refused by its os-release', async (context) => {
  const directory = await writeTree(context, { 'etc/os-release': 'ID=arch\n' });

  await assert.rejects(
    planForSystem(plan(), newSystemAt(directory)),
    (error: unknown) => error instanceof InputError && error.message.includes('ID "arch"'),
  );
});

test('a tarball of something else is refused: it has no os-release', async (context) => {
  const directory = await writeTree(context, { 'README.md': 'not a system' });

  await assert.rejects(
    planForSystem(plan(), newSystemAt(directory)),
    /read \/etc\/os-release of what was unpacked: it has none/,
  );
});

test('what keeps the root of later kernels wins over what the image has, and is added where there is one file', async (context) => {
  const own = {
    'etc/default/grub': 'GRUB_ENABLE_BLSCFG=true\n',
    'etc/default/grub.d/99-image.cfg': 'GRUB_FORCE_PARTUUID=1\n',
  };
  const fedora = await writeTree(context, own);
  const planned = planForDistro(plan(), chooseDistro('fedora'));

  await writeSystem.run(stepIn(planned.steps, 'write-system'), installationInto(fedora));
  await writeSystem.run(stepOf('write-system'), installationInto(await writeTree(context, own)));

  const settings = await readFile(join(fedora, 'etc/default/grub'), 'utf8');
  assert.match(settings, /^GRUB_ENABLE_BLSCFG=true\n\n# Written by the installer\.\n[^]*GRUB_ENABLE_BLSCFG=false\n$/);
  assert.equal(
    await readFile(join(fedora, 'etc/kernel/cmdline'), 'utf8'),
    'root=UUID=0e2d9d0c-1111-4222-8333-444455556666 ro console=ttyS0,115200\n',
  );
  const { bootSettings } = stepOf('write-system');
  const [path = ''] = bootSettings.map((file) => file.path);
  assert.deepEqual([path, 'etc/default/grub.d/99-image.cfg'].sort().at(-1), path);
  assert.match(bootSettings[0]?.text ?? '', /^GRUB_FORCE_PARTUUID=$/m);
});
