import assert from 'node:assert/strict';
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { fillEsp, makeDisk, partitionTypes, toQcow } from './support/disk-image.ts';
import { importFile, requirements } from './support/imported.ts';
import { write, writeRoot } from './support/small-root.ts';

const timeoutMs = 120_000;
const { biosBoot, esp, linux } = partitionTypes;
const fedoraUuid = '0f5bf2c0-6a34-4d2e-9a4f-2d8d5a1f4a11';

/** As Fedora's cloud image has them: its fstab by UUID, /var and /home in subvolumes. */
async function fedoraDisk(
  context: TestContext,
  more: (top: string) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const fstab = ['root /', 'home /home', 'var /var'].map((pair) => {
    const [subvolume, at] = pair.split(' ');
    return `UUID=${fedoraUuid} ${at} btrfs compress=zstd:1,subvol=${subvolume} 0 0\n`;
  });
  return makeDisk(context, {
    sizeMiB: 300,
    partitions: [
      { number: 1, startMiB: 1, sizeMiB: 2, type: biosBoot },
      { number: 2, startMiB: 4, sizeMiB: 40, type: esp, fill: (device) => fillEsp(device) },
      {
        number: 4,
        startMiB: 50,
        sizeMiB: 240,
        type: linux,
        async fill({ format, mounted }) {
          await format('mkfs.btrfs', '-q', '-U', fedoraUuid);
          await mounted(async (top) => {
            for (const name of ['root', 'home', 'var']) {
              await run('btrfs', ['subvolume', 'create', join(top, name)], { timeoutMs });
            }
            const osRelease = 'ID=fedora\nVERSION_ID=40\nPRETTY_NAME="Fedora Linux 40 (Cloud Edition)"\n';
            await writeRoot(join(top, 'root'), { osRelease, fstab: fstab.join('') });
            await write(join(top, 'home/fedora/.profile'), 'of the subvolume\n');
            await write(join(top, 'var/lib/rpm/rpmdb.sqlite'), 'packages\n');
            await mkdir(join(top, 'root/var/lib/portables'), { recursive: true });
            await more(top);
          });
        },
      },
    ],
  });
}

test('subvolumes of btrfs are put together as the fstab says', requirements, async (context) => {
  const { directory, record, paths, text } = await importFile(context, await toQcow(await fedoraDisk(context)));

  assert.match(directory, /fedora-40\/x86_64$/);
  assert.equal(await text('./var/lib/rpm/rpmdb.sqlite'), 'packages');
  assert.equal(await text('./home/fedora/.profile'), 'of the subvolume');
  assert.ok(!paths.includes('./var/empty-no-more'), 'what the mount of /var hides');
  assert.equal(paths.filter((path) => path === './var/').length, 1);
  assert.equal(record.partitions[2], 'partition 4: btrfs on /, /home, /var');
});

test('a subvolume is packed once, whatever else mounts it', requirements, async (context) => {
  const more = ['/top subvolid=5', '/whole defaults', '/twice subvol=/root', '/id subvolid=256', '/var2 subvol=var'];
  const raw = await fedoraDisk(context, async (top) => {
    const lines = more.map((pair) => `UUID=${fedoraUuid} ${pair.replace(' ', ' btrfs ')} 0 0\n`);
    await appendFile(join(top, 'root/etc/fstab'), lines.join(''));
  });

  const { record, paths } = await importFile(context, raw);

  assert.equal(record.partitions[2], 'partition 4: btrfs on /, /home, /var');
  assert.deepEqual(
    paths.filter((path) => /^\.\/(top|whole|twice|id|var2)\//.test(path)),
    [],
  );
  assert.equal(record.notes.filter((note) => note.endsWith('already: left out')).length, more.length);
});

test(
  'a snapshot of the root is not taken for another root, nor its btrfs properties for attributes',
  requirements,
  async (context) => {
    const raw = await fedoraDisk(context, async (top) => {
      await run('btrfs', ['property', 'set', join(top, 'root/usr/lib/os-release'), 'compression', 'zstd'], {
        timeoutMs,
      });
      await run('btrfs', ['subvolume', 'snapshot', '-r', join(top, 'root'), join(top, 'root-before')], { timeoutMs });
    });

    const { directory, text } = await importFile(context, raw);

    assert.match(await text('./usr/lib/os-release'), /ID=fedora/);
    const headers = await run(
      'sh',
      ['-c', 'zstd -dc "$1" | grep -c btrfs.compression', 'count', join(directory, 'rootfs.tar.zst')],
      {
        timeoutMs,
      },
    ).catch((error: unknown) => error);
    assert.match(String(headers), /exited with 1/);
  },
);
