import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { httpGet } from '../../src/container.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, noDisk, removeMachine, saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm, stopVm } from '../../src/vm.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { consoleText, runInShell, untilPrinted } from '../e2e/support/console.ts';
import { deriveImage, removeImage } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { reportedEvents, reportedFailure } from '../e2e/support/status.ts';
import { container, freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { assertUnfinishedDisk } from '../e2e/support/unfinished-disk.ts';
import { forgetInspected } from '../image/support/uninspected.ts';

const name = 'refused';
const number = 30;
const page = 'debian-12-test-page';
const cut = 'debian-12-test-cut';
const inspectMs = 300_000;

/** Each case: the reason on the console and at the server, and nothing half-done that looks finished. */
describe('an installation that cannot succeed', endToEndSuite(), () => {
  before(async () => {
    await freshLab();
    await deriveImage(lab, usual.distro, page, usual.arch, "printf '<!DOCTYPE html>'");
    await deriveImage(lab, usual.distro, cut, usual.arch, 'head -c 30000000 "$1"');
    await waitUntil('the images are inspected', inspectMs, async () => (await imagesThatFail()).length === 2);
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, page);
    await removeImage(lab, cut);
  });

  test("of an image that is a web page is refused on iPXE's screen: no installer starts", async () => {
    await start(page, startDefaults.diskSize);

    await untilPrinted(lab, name, /Reason: images\/debian-12-test-page\/\S+ is an HTML page/);
    assert.match(await consoleText(lab, name), /pxeboot_stack: refused cannot boot yet/);
    assert.doesNotMatch(await consoleText(lab, name), /init: |os_installer/);
    assert.deepEqual(await reportedEvents(lab, name), []);
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test('of a tarball that is cut short is refused there too, as soon as it has been inspected', async () => {
    await stopVm(lab, name);
    await start(cut, startDefaults.diskSize);

    await untilPrinted(lab, name, /Reason: images\/debian-12-test-cut\/\S+ ends in the middle/);
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test('of one that has not been inspected yet leaves a disk that is marked as not installed and has no boot loader', async () => {
    await stopVm(lab, name);
    await forgetInspected(container);
    await start(cut, startDefaults.diskSize, { kernel_args: ['initrd.mode=shell'] });
    await untilPrinted(lab, name, /init: shell on the console/);
    const status = await runInShell(lab, name, 'os-installer; echo status=$?');

    assert.match(
      status,
      /INSTALLATION FAILED: unpack \S+rootfs\.tar\.gz: gzip exited with 1: .*unexpected end of file/,
    );
    assert.match(status, /the tarball is corrupt or cut short/);
    assert.match(status, /status=2$/);
    assert.match(await reportedFailure(lab, name), /unpack \S+: gzip exited with 1/);
    await assertUnfinishedDisk(lab, name);
  });

  test('on a disk that is too small names its size and the size that is needed', async () => {
    await stopVm(lab, name);
    await start(usual.distro, '1G');

    await failsWith(/choose a disk: \/dev\/vda \(1\.0 GiB, virtio\): it is too small, \d\.\d GiB are needed/);
    await assertBlankDisk(machinePaths(lab, name).disk);
  });

  test('without a disk says so', async () => {
    await stopVm(lab, name);
    await start(usual.distro, noDisk);

    await failsWith(/choose a disk: this machine has no disk/);
  });
});

/** Directories of the images that the server has found to be hopeless. */
async function imagesThatFail(): Promise<string[]> {
  const { images } = JSON.parse(await httpGet('/api/images', lab)) as {
    images: { directory: string; installs?: boolean }[];
  };
  return images.filter(({ installs }) => installs === false).map(({ directory }) => directory);
}

async function start(distro: string, diskSize: string, install: object = {}): Promise<void> {
  await removeMachine(lab, name);
  await saveDefinition(lab, { ...usual, name, number, distro, install });
  await startVm(lab, name, { ...startDefaults, diskSize });
}

/** The reason stands on the console and at the server; the VM stays in the installer's shell. */
async function failsWith(reason: RegExp): Promise<void> {
  await untilPrinted(lab, name, new RegExp(`INSTALLATION FAILED: ${reason.source}`));
  await untilPrinted(lab, name, /init: shell on the console/);
  assert.match(await reportedFailure(lab, name), reason);
}
