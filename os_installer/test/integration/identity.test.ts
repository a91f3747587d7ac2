import assert from 'node:assert/strict';
import { chmod, chown, mkdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { identities } from '../../src/distro/identities.ts';
import { writeSystem } from '../../src/steps/write-system.ts';
import { installationInto } from './support/installation.ts';
import { debian, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

test('nothing in the table of identities is left, and what makes another is asked to', async (context) => {
  const paths = identities.map(({ pattern }) => pattern.replaceAll('*', 'x'));
  const makers = identities.flatMap(({ onlyWith }) => onlyWith ?? []);
  const files = Object.fromEntries([...paths, ...makers].map((path) => [path, 'of another machine']));
  const installation = installationInto(await writeTree(context, { ...debian, ...files }));

  await writeSystem.run(stepOf('write-system'), installation);

  const { system, lines } = installation;
  for (const path of paths) assert.notEqual(await system.read(path), 'of another machine', path);
  assert.ok(lines.some((line) => line.includes('credential.secret')));
});

test('what would not be made again stays where nothing makes it, and an iSCSI name is asked for as Debian does it', async (context) => {
  const name = 'etc/iscsi/initiatorname.iscsi';
  const key = 'etc/ssl/private/ssl-cert-snakeoil.key';
  const files = { [name]: 'InitiatorName=iqn.other\n', [key]: 'key' };
  const without = installationInto(await writeTree(context, { ...debian, ...files }));
  const withScript = installationInto(
    await writeTree(context, { ...debian, ...files, 'lib/open-iscsi/startup-checks.sh': '' }),
  );

  await writeSystem.run(stepOf('write-system'), without);
  await writeSystem.run(stepOf('write-system'), withScript);

  assert.equal(await without.system.read(name), files[name]);
  assert.equal(await without.system.read(key), 'key');
  assert.equal(await withScript.system.read(name), 'GenerateName=yes\n');
});

test('a host name that is a link into a directory that is missing is replaced', async (context) => {
  const directory = await writeTree(context, { ...debian, 'etc/passwd': '' });
  await symlink('../data/hostname', join(directory, 'etc/hostname'));
  const installation = installationInto(directory);

  await writeSystem.run(stepOf('write-system'), installation);

  assert.equal(await installation.system.read('etc/hostname'), 'web1\n');
  assert.equal(await installation.system.has('data'), false);
});

test('a root directory of mode 0700 that belongs to a user is given to root, and that is said', async (context) => {
  const directory = await writeTree(context, { ...debian, 'etc/passwd': '', 'usr/x': '', 'var/tmp/x': '' });
  await mkdir(join(directory, 'tmp'));
  await chmod(join(directory, 'tmp'), 0o1777);
  await chmod(join(directory, 'var/tmp'), 0o755);
  await chmod(directory, 0o700);
  await chown(directory, 1000, 1000);
  await chown(join(directory, 'etc/passwd'), 1000, 1000);
  const installation = installationInto(directory);

  await writeSystem.run(stepOf('write-system'), installation);

  const { mode, uid, gid } = await stat(directory);
  assert.deepEqual([mode & 0o7777, uid, gid], [0o755, 0, 0]);
  assert.equal((await stat(join(directory, 'var/tmp'))).mode & 0o7777, 0o1777);
  const warnings = installation.lines.filter((line) => line.includes('warn'));
  assert.equal(warnings.length, 3, warnings.join('\n'));
  assert.match(
    warnings[0] ?? '',
    /"\/" of the root file system had mode 0700, user 1000 and group 1000; it has mode 0755/,
  );
  assert.match(warnings[2] ?? '', /\/etc\/passwd .* belongs to user 1000/);
});

test("Fedora's root directory, which nobody may write to, stays as it is", async (context) => {
  const directory = await writeTree(context, { ...debian, 'etc/passwd': '', 'usr/x': '', 'var/tmp/x': '' });
  await chmod(join(directory, 'var/tmp'), 0o1777);
  await mkdir(join(directory, 'tmp'));
  await chmod(join(directory, 'tmp'), 0o1777);
  await chmod(directory, 0o555);
  const installation = installationInto(directory);

  await writeSystem.run(stepOf('write-system'), installation);

  assert.equal((await stat(directory)).mode & 0o7777, 0o555);
  assert.ok(!installation.lines.some((line) => line.includes('warn')), installation.lines.join('\n'));
  await chmod(directory, 0o755);
});

test('sshd of a system without cloud-init gets other keys from the installer', async (context) => {
  const files = { 'etc/os-release': 'ID=debian\n', 'etc/ssh/ssh_host_rsa_key': 'old', 'usr/bin/ssh-keygen': '' };
  const called: string[] = [];
  for (const more of [{}, { 'usr/bin/cloud-init': '' }]) {
    const installation = installationInto(await writeTree(context, { ...files, ...more }));
    await writeSystem.run(stepOf('write-system'), {
      ...installation,
      run: ({ file, args }) => {
        called.push([file, ...args.slice(1)].join(' '));
        return Promise.resolve('');
      },
    });
    assert.deepEqual(await installation.system.list('etc/ssh'), []);
  }

  assert.deepEqual(called, ['chroot ssh-keygen -A']);
});

test('temporary directories that a tarball left out are made as everybody may write to them', async (context) => {
  const directory = await writeTree(context, { ...debian, 'etc/passwd': '', 'usr/x': '' });

  await writeSystem.run(stepOf('write-system'), installationInto(directory));

  assert.equal((await stat(join(directory, 'tmp'))).mode & 0o7777, 0o1777);
});

test('nothing makes systemd take the machine for a container', async (context) => {
  const marks = { '.dockerenv': '', 'run/.containerenv': '', 'run/systemd/container': 'docker' };
  const { system, ...installation } = installationInto(await writeTree(context, { ...debian, ...marks }));

  await writeSystem.run(stepOf('write-system'), { ...installation, system });

  for (const path of Object.keys(marks)) assert.equal(await system.has(path), false, path);
});
