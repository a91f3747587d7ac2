import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { InstalledSystem } from '../../src/plan/marker.ts';
import { formatMarker, parseMarker } from '../../src/plan/marker.ts';
import { findInstalled } from '../../src/probe/installed-systems.ts';
import { partition } from '../../src/steps/partition.ts';
import { writeMarker } from '../../src/steps/write-marker.ts';
import { installationInto } from './support/installation.ts';
import { loopDevice, nameRoot, stepsOn } from './support/loop-device.ts';

const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.ext4', 'mount');
const timeoutMs = 60_000;
const marker = {
  vm: 'web1',
  mac: '52:54:00:12:34:56',
  distro: 'debian-12',
  reinstall_token: 't',
  installed_at: '2026-01-02T03:04:05.000Z',
};

/** A disk with this file on its first partition. The kernel of a test machine may know no FAT: the ESP is ext4 here. */
async function diskWith(context: TestContext, file: string | undefined, complete = true): Promise<string> {
  const device = await loopDevice(context);
  const step = stepsOn(device);
  await partition.run(step('partition'), installationInto('/nowhere'));
  const tree = await mkdtemp(join(tmpdir(), 'esp-tree-'));
  context.after(() => rm(tree, { recursive: true }));
  if (file !== undefined) await writeFile(join(tree, 'pxeboot-installed.json'), file);
  await run('mkfs.ext4', ['-q', '-F', '-d', tree, `${device}p1`], { timeoutMs });
  if (complete) await nameRoot(device, 'root');
  return device;
}

async function findOn(path: string, { fileSystem = 'ext4', sizeBytes = 1 } = {}): Promise<InstalledSystem[]> {
  return findInstalled([{ path, sizeBytes }], fileSystem);
}

test('the marker is written with the time of the installation', async (context) => {
  const target = await mkdtemp(join(tmpdir(), 'marker-'));
  context.after(() => rm(target, { recursive: true }));
  await mkdir(join(target, 'boot/efi'), { recursive: true });
  const before = Date.now();

  await writeMarker.run(stepsOn('/dev/vda')('write-marker'), installationInto(target));

  const written = parseMarker(await readFile(join(target, 'boot/efi/pxeboot-installed.json'), 'utf8'));
  assert.ok(written);
  assert.equal(written.vm, 'web1');
  const at = Date.parse(written.installed_at);
  assert.ok(at >= before && at <= Date.now());
});

test('the marker of a complete disk is found, and the disk is not changed by that', requirements, async (context) => {
  const device = await diskWith(context, formatMarker(marker));
  const sum = async (): Promise<string> => (await run('sha256sum', [`${device}p1`], { timeoutMs })).stdout;
  const before = await sum();

  assert.deepEqual(await findOn(device), [{ disk: device, marker }]);

  assert.equal(await sum(), before);
  assert.doesNotMatch(await readFile('/proc/self/mounts', 'utf8'), new RegExp(device));
});

test(
  'a disk whose installation was not completed is no installed one, though it has a marker',
  requirements,
  async (t) => {
    const device = await diskWith(t, formatMarker(marker), false);

    assert.deepEqual(await findOn(device), []);
  },
);

test('a blank disk is no installed one', requirements, async (context) => {
  assert.deepEqual(await findOn(await loopDevice(context)), []);
});

test(
  'a disk that cannot be read is a problem, and not a blank one; a drive without a medium is passed over',
  requirements,
  async () => {
    const [unreadable, ...others] = await findOn('/dev/no-such-disk');

    assert.match(unreadable?.problem ?? '', /^sfdisk --json \/dev\/no-such-disk: exited with 1 .*cannot open/);
    assert.deepEqual(others, []);
    assert.deepEqual(await findOn('/dev/no-such-disk', { sizeBytes: 0 }), []);
  },
);

test(
  'a complete disk without a marker has none; a malformed one and an ESP that cannot be read are problems',
  requirements,
  async (t) => {
    const without = await diskWith(t, undefined);
    const malformed = await diskWith(t, '{"vm":');

    assert.deepEqual(await findOn(without), [{ disk: without }]);
    assert.deepEqual(await findOn(malformed), [
      { disk: malformed, problem: `"pxeboot-installed.json" on ${malformed}p1 is malformed` },
    ]);
    const [unreadable] = await findOn(without, { fileSystem: 'xfs' });
    assert.match(unreadable?.problem ?? '', /^mount -t xfs -o ro .*exited with/);
  },
);
