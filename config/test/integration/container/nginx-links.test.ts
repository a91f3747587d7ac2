import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { run } from '../../../host/run.ts';
import { needs } from '../../support/requirements.ts';
import type { RunningNginx } from './support/running-nginx.ts';
import { nginxPrograms, runNginx } from './support/running-nginx.ts';

const { skip } = needs(...nginxPrograms);
let nginx: RunningNginx;
let images: string;

before(async () => {
  if (skip !== false) return;
  nginx = await runNginx();
  images = join(nginx.directory, 'www/images');
  await mkdir(join(images, 'debian-12.5/x86_64'), { recursive: true });
  await writeFile(join(images, 'debian-12.5/x86_64/vmlinuz'), '0123456789');
  await mkdir(join(images, '.import-1'));
  await writeFile(join(images, '.import-1/vmlinuz'), 'unfinished');
  await writeFile(join(nginx.directory, 'secret'), 'secret');
});

after(async () => {
  if (skip === false) await nginx.stop();
});

const kernel = 'debian-12.5/x86_64/vmlinuz';

/** The name of a link, where it leads, and what is asked of it. */
const inside: [string, string, string][] = [
  ['a file next to it', 'debian-12.5/x86_64/link', 'vmlinuz'],
  ['a file by way of the directory above', 'debian-12.5/up', '../debian-12.5/x86_64/vmlinuz'],
  ['a file, by way of another link', 'debian-12.5/twice', 'up-0-0'],
  ['a file with odd characters in its name', 'odd', 'a b+c%41#?é'],
];
for (const [what, link, target] of inside) {
  for (const owner of ['0:0', '1000:1000']) {
    test(`a link of user ${owner} to ${what} is served, also in part`, { skip }, async () => {
      await writeFile(join(images, 'a b+c%41#?é'), '0123456789');
      const name = `${link}-${owner.replace(':', '-')}`;
      await symlink(target, join(images, name));
      await run('chown', ['-h', owner, join(images, name)], { timeoutMs: 5000 });

      assert.match(await nginx.ask(`/images/${name}`), /^HTTP\/1\.1 200 [^]*\r\n\r\n0123456789$/);
      assert.match(await nginx.ask(`/images/${name}`, '--range', '4-'), /^HTTP\/1\.1 206 [^]*\r\n\r\n456789$/);
      assert.match(await nginx.ask(`/images/${name}`, '--head'), /^HTTP\/1\.1 200 [^]*^Content-Length: 10\r$/m);
    });
  }
}

test('a link to a directory is served with all that is in it', { skip }, async () => {
  await symlink('debian-12.5', join(images, 'debian-stable'));

  assert.match(await nginx.ask('/images/debian-stable/x86_64/vmlinuz'), /^HTTP\/1\.1 200 [^]*\r\n\r\n0123456789$/);
  assert.match(await nginx.ask('/images/debian-stable/x86_64/'), /href="vmlinuz"/);
  assert.match(await nginx.ask('/images/debian-stable'), /^HTTP\/1\.1 404 [^]*ask for "\/images\/debian-stable\/"/);
});

const outside: [string, string][] = [
  ['an absolute path', '/etc/passwd'],
  ['a path above the images', '../../secret'],
  ['the directory above', '..'],
  ['itself, named from the root', '/proc/self/cwd'],
];
for (const [what, target] of outside) {
  for (const owner of ['0:0', '1000:1000']) {
    test(`a link of user ${owner} to ${what} is refused with its reason`, { skip }, async () => {
      const name = `out-${outside.findIndex(([known]) => known === what)}-${owner.replace(':', '-')}`;
      await symlink(target, join(images, name));
      await run('chown', ['-h', owner, join(images, name)], { timeoutMs: 5000 });

      for (const path of [name, `${name}/`, `${name}/secret`]) {
        const answer = await nginx.ask(`/images/${path}`);
        assert.match(answer, /^HTTP\/1\.1 (403|404) /);
        assert.doesNotMatch(answer, /root:|secret$|href=/m);
      }
      assert.match(await nginx.ask(`/images/${name}`), /behind a link that leads out of the images directory/);
    });
  }
}

test('a link into a hidden directory is served: versions are kept there', { skip }, async () => {
  await mkdir(join(images, '.versions/12.6'), { recursive: true });
  await writeFile(join(images, '.versions/12.6/vmlinuz'), 'of 12.6');
  await symlink('.versions/12.6', join(images, 'debian-newest'));

  assert.match(await nginx.ask('/images/debian-newest/vmlinuz'), /^HTTP\/1\.1 200 [^]*\r\n\r\nof 12\.6$/);
  assert.match(await nginx.ask('/images/.versions/12.6/vmlinuz'), /^HTTP\/1\.1 404 /);
});

test('a link to what is not finished, to nothing, and in a circle is not there', { skip }, async () => {
  await symlink('.import-1/vmlinuz', join(images, 'unfinished'));
  await symlink('nothing', join(images, 'dangling'));
  await symlink('circle', join(images, 'circle'));

  for (const name of ['unfinished', 'dangling', 'circle'])
    assert.match(await nginx.ask(`/images/${name}`), /^HTTP\/1\.1 (403|404) (?![^]*unfinished$)/);
});

test('the place that links lead to cannot be asked for', { skip }, async () => {
  assert.match(await nginx.ask(`/images-without-links/${kernel}`), /^HTTP\/1\.1 404 /);
});
