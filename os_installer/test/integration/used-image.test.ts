import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { configText } from '../../src/plan/cloud-init.ts';
import { checkCloudInit } from '../../src/steps/shared/check-cloud-init.ts';
import { writeSeed } from '../../src/steps/write-seed.ts';
import { installationInto } from './support/installation.ts';
import { debian, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

/** A system with these files, after the step. @returns its directory and what was said */
async function seeded(
  context: TestContext,
  files: Record<string, string>,
  links: Record<string, string> = {},
): Promise<{ directory: string; lines: string }> {
  const directory = await writeTree(context, { ...debian, ...files });
  for (const [path, to] of Object.entries(links)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await symlink(to, join(directory, path));
  }
  const installation = installationInto(directory);
  await writeSeed.run(stepOf('write-seed'), installation);
  return { directory, lines: installation.lines.join('\n') };
}

test('the seed lies where NoCloud looks, readable by root only', async (context) => {
  const seed = 'var/lib/cloud/seed/nocloud-net';
  const left = { [`${seed}/meta-data`]: 'left by the image', [`${seed}/vendor-data`]: 'left by the image' };
  const directory = await writeTree(context, { ...debian, ...left });

  await writeSeed.run(stepOf('write-seed'), installationInto(directory));

  assert.deepEqual(await readdir(join(directory, seed)), ['meta-data']);
  const metaData = join(directory, seed, 'meta-data');
  assert.equal(await readFile(metaData, 'utf8'), 'instance-id: web1-1\n');
  assert.equal((await stat(metaData)).mode & 0o777, 0o600);
});

test('no other source is tried, whatever the image brings: the file that cloud-init reads last is ours', async (context) => {
  const settings = 'etc/cloud/cloud.cfg.d';
  const others = ['05_logging.cfg', '90_dpkg.cfg', '91-sources.cfg', '99-warnings.cfg', '99_sources.cfg', 'README'];
  const directory = await writeTree(context, {
    ...debian,
    ...Object.fromEntries(others.map((name) => [`${settings}/${name}`, 'datasource_list: [ Ec2 ]\n'])),
  });

  await writeSeed.run(stepOf('write-seed'), installationInto(directory));

  // As cloud-init does: by name, character by character, only those that end in .cfg.
  const read = (await readdir(join(directory, settings))).filter((name) => name.endsWith('.cfg')).sort();
  assert.equal(read.length, 6);
  assert.equal(await readFile(join(directory, settings, read.at(-1) ?? ''), 'utf8'), configText);
});

test('a root file system without cloud-init is warned about', async (context) => {
  const installation = installationInto(await writeTree(context, { 'etc/os-release': 'ID=debian\n' }));

  await writeSeed.run(stepOf('write-seed'), installation);

  assert.match(installation.lines.join(), /warn test the root file system has no cloud-init/);
});

test('what a former machine left of cloud-init is gone, and what its owner wrote for all stays', async (context) => {
  const { directory } = await seeded(
    context,
    {
      'var/lib/cloud/seed/nocloud/user-data': '#cloud-config',
      'var/lib/cloud/seed/nocloud/meta-data': 'instance-id: other',
      'var/lib/cloud/instances/other/sem/config_ssh': '',
      'var/lib/cloud/data/upgraded-network': '',
      'var/lib/cloud/sem/config_scripts_per_once.once': '',
      'var/lib/cloud/scripts/per-boot/own.sh': '',
      'etc/cloud/cloud-init.disabled': '',
      'etc/cloud/ds-identify.cfg': 'policy: disabled\n',
    },
    { 'var/lib/cloud/instance': '/var/lib/cloud/instances/other' },
  );

  assert.deepEqual(await readdir(join(directory, 'var/lib/cloud')), ['scripts', 'seed']);
  assert.deepEqual(await readdir(join(directory, 'var/lib/cloud/seed')), ['nocloud-net']);
  assert.deepEqual(await readdir(join(directory, 'etc/cloud')), ['cloud.cfg.d']);
});

test('a file of the image that cloud-init would read after ours is put aside, by name', async (context) => {
  const { directory, lines } = await seeded(context, {
    'etc/cloud/cloud.cfg.d/zzz_local.cfg': 'datasource_list: [ Ec2 ]\n',
  });

  assert.deepEqual(await readdir(join(directory, 'etc/cloud/cloud.cfg.d')), [
    'zz-pxeboot.cfg',
    'zzz_local.cfg.of-the-image',
  ]);
  assert.match(lines, /warn test .*zzz_local\.cfg of the image would win over the definition/);
});

test('cloud-init that was masked or disabled is started again; drop-ins stay', async (context) => {
  const unit = '[Install]\nWantedBy=cloud-init.target\n';
  const { directory, lines } = await seeded(
    context,
    {
      'usr/lib/systemd/system/cloud-init.service': unit,
      'usr/lib/systemd/system/cloud-final.service': unit,
      'usr/lib/systemd/system/cloud-init-hotplugd.service': '[Service]\n',
      'etc/systemd/system/cloud-final.service.d/own.conf': '',
      'etc/systemd/system/cloud-config.service': '',
    },
    {
      'etc/systemd/system/cloud-init.service': '/dev/null',
      'etc/systemd/system-generators/cloud-init-generator': '/dev/null',
      'etc/systemd/system/cloud-init.target.wants/cloud-final.service': '/lib/systemd/system/cloud-final.service',
    },
  );

  const settings = join(directory, 'etc/systemd/system');
  assert.deepEqual(await readdir(settings), ['cloud-final.service.d', 'cloud-init.target.wants']);
  assert.deepEqual(await readdir(join(directory, 'etc/systemd/system-generators')), []);
  assert.deepEqual(await readdir(join(settings, 'cloud-init.target.wants')), [
    'cloud-final.service',
    'cloud-init.service',
  ]);
  assert.equal(
    await readlink(join(settings, 'cloud-init.target.wants/cloud-init.service')),
    '/usr/lib/systemd/system/cloud-init.service',
  );
  assert.match(lines, /unmasked cloud-init\.service/);
});

/** What the system's cloud-init says of its files: a program that stands for it, since a chroot needs a whole system. */
async function checked(context: TestContext, merged: object): Promise<string> {
  const directory = await writeTree(context, {
    'usr/bin/cloud-init': '#!/usr/bin/python3 -s\n',
    'etc/cloud/cloud.cfg': 'users: []\n',
  });
  const commands: string[][] = [];
  const installation = installationInto(directory);
  await checkCloudInit({
    ...installation,
    run: (command) => {
      commands.push([command.file, ...command.args.slice(0, 5)]);
      return Promise.resolve(JSON.stringify(merged));
    },
  });
  assert.deepEqual(commands, [['chroot', directory, '/usr/bin/python3', '-s', '-B', '-c']]);
  return installation.lines.join();
}

const good = {
  datasource_list: ['NoCloud', 'None'],
  datasource: { NoCloud: null },
  network: null,
  cloud_init_modules: ['growpart', 'users-groups', ['ssh', 'always']],
};

test("a configuration of cloud-init's that is ours passes", async (context) => {
  assert.equal(await checked(context, good), '');
});

test('one that would not follow the definition fails, with each key that is another', async (context) => {
  await assert.rejects(
    checked(context, { ...good, datasource: { NoCloud: { 'user-data': 'x' } }, network: { config: 'disabled' } }),
    /cloud-init would not follow the definition, it has datasource: NoCloud: \{"user-data":"x"\}; network: \{"config":"disabled"\}; take/,
  );
  await assert.rejects(checked(context, { ...good, datasource_list: ['Ec2'] }), /it has datasource_list: \["Ec2"\]/);
});

test('one without the modules that make a user is warned about', async (context) => {
  assert.match(
    await checked(context, { ...good, cloud_init_modules: ['ssh'] }),
    /lacks users_groups: the definition's user/,
  );
});
