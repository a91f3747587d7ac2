import assert from 'node:assert/strict';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { containerLogs, removeContainer, startContainer } from '../../src/container.ts';
import { imageDirectory } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { plugTap, unplugTap } from '../../src/namespace.ts';
import { machinePaths, macOf, noRebootPath, removeMachine, saveDefinition, tapOf } from '../../src/vm-files.ts';
import { startVm, stopVm } from '../../src/vm.ts';
import { consoleText, untilPrinted } from './support/console.ts';
import type { Manifest } from './support/directory-manifest.ts';
import { differingPaths, readManifest } from './support/directory-manifest.ts';
import { endToEndSuite } from './support/end-to-end-suite.ts';
import type { Partition } from './support/installed-disk.ts';
import { inspectDisk } from './support/installed-disk.ts';
import { reportedEvents, untilUnpacked } from './support/status.ts';
import { freshLab, lab, usual } from './support/test-lab.ts';

const name = 'resumed';
const number = 70;
const serverAwayMs = 5_000;
const linkAwayMs = 20_000;

/** All that may differ between two installations of one image to one VM. Host keys and machine-id are made at the first boot,
 * which has not been; the image's initramfs is kept. The ESP is not looked at: it holds GRUB, which comes from these files, and
 * the marker with the time of the installation. */
const different = [
  // UUIDs of the file systems.
  './boot/grub/grub.cfg',
  './etc/fstab',
  './etc/kernel/cmdline',
  // The instance-id.
  './var/lib/cloud/seed/nocloud-net/meta-data',
];

interface Installed {
  console: string;
  partitions: Partition[];
  files: Manifest;
}

/** Installs the VM on a blank disk, stops it before its system has ever run, and reads the disk. */
async function install(disturb: () => Promise<void>): Promise<Installed> {
  await removeMachine(lab, name);
  await startVm(lab, name);
  await disturb();
  await untilPrinted(lab, name, /init: installed; staying here as asked/);
  await stopVm(lab, name);
  const { partitions, found: files } = await inspectDisk(machinePaths(lab, name).disk, readManifest);
  return { console: await consoleText(lab, name), partitions, files };
}

describe(
  'an installation whose server is killed and whose link is lost in mid-stream, beside an undisturbed one',
  endToEndSuite(['getfattr', 'sfdisk', 'losetup']),
  () => {
    let undisturbed: Installed;
    let disturbed: Installed;
    let total: number;
    let log: string;
    /** The last that the server heard, soon after the link was lost and before it came back. */
    let heard: (number | undefined)[];

    async function disturb(): Promise<void> {
      await untilUnpacked(lab, name, 0.15);
      await removeContainer(lab);
      await sleep(serverAwayMs);
      await startContainer(lab);
      await untilUnpacked(lab, name, 0.4);
      const tap = tapOf(macOf(number));
      const lastSeq = async (): Promise<number | undefined> => (await reportedEvents(lab, name)).at(-1)?.seq;
      await unplugTap(lab, tap);
      await sleep(2_000);
      heard = [await lastSeq()];
      await sleep(linkAwayMs - 2_000);
      heard.push(await lastSeq());
      await plugTap(lab, tap);
    }

    before(async () => {
      await freshLab();
      await saveDefinition(lab, { ...usual, name, number });
      await writeFile(noRebootPath(lab, name), '');
      total = (await stat(join(imageDirectory(lab, usual.distro, usual.arch), 'rootfs.tar.gz'))).size;
      undisturbed = await install(() => Promise.resolve());
      // A new one knows nothing of that installation.
      await startContainer(lab);
      disturbed = await install(disturb);
      log = await containerLogs(lab);
    });

    after(async () => {
      await labDown(lab);
      await rm(noRebootPath(lab, name), { force: true });
    });

    test('every file is there with the same content, owner, mode, links and attributes', () => {
      assert.ok(undisturbed.files.size > 10_000, `${undisturbed.files.size} paths`);
      assert.deepEqual(differingPaths(undisturbed.files, disturbed.files), different);
    });

    test('ping has its file capability', () => {
      assert.match(disturbed.files.get('./usr/bin/ping') ?? '', /security\.capability=0x0100000200200000{24}/);
    });

    test('the disk is a complete one', () => {
      assert.deepEqual(
        disturbed.partitions.map((partition) => partition.name),
        ['ESP', 'root'],
      );
      assert.deepEqual(
        disturbed.partitions.map(({ start, size }) => [start, size]),
        undisturbed.partitions.map(({ start, size }) => [start, size]),
      );
    });

    test('the console tells at which byte the stream broke off, and that all bytes arrived', () => {
      const offsets = interruptions(disturbed.console);
      assert.ok(offsets.length > 0 && offsets.every((offset) => offset > 0 && offset < total), offsets.join(' '));
      assert.match(disturbed.console, new RegExp(`unpacked bytes=${total}\\b`));
      assert.deepEqual(interruptions(undisturbed.console), []);
    });

    test('the server sent the rest from that very byte', () => {
      const sent = [...log.matchAll(/nginx GET "\/images\/\S+\/rootfs\.tar\.gz" \S+ status=(\d+) bytes=(\d+)/g)];
      assert.ok(sent.length > 0);
      assert.deepEqual([...new Set(sent.map(([, status]) => status))], ['206']);
      const rest = total - (interruptions(disturbed.console).at(-1) ?? NaN);
      assert.ok(
        sent.some(([, , bytes]) => Number(bytes) === rest),
        `${rest} bytes: ${sent.map(([line]) => line).join('\n')}`,
      );
    });

    test('the server heard nothing while the link was away', () => {
      assert.ok(heard[0] !== undefined);
      assert.equal(heard[1], heard[0]);
    });
  },
);

/** The byte of each interruption, the same one for each attempt to go on there. */
function interruptions(console: string): number[] {
  return [...console.matchAll(/download interrupted, resuming offset=(\d+)/g)].map(([, offset]) => Number(offset));
}
