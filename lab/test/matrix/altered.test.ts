import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '@pxeboot/config/host/run';

import { imageDirectory } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { machinePaths, saveDefinition } from '../../src/vm-files.ts';
import { startVm } from '../../src/vm.ts';
import { assertBlankDisk } from '../e2e/support/blank-disk.ts';
import { runInShell, untilPrinted } from '../e2e/support/console.ts';
import { deriveImage, removeImage, withoutKernel } from '../e2e/support/derived-images.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { reportedEvents, reportedFailure } from '../e2e/support/status.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';
import { assertUnfinishedDisk } from '../e2e/support/unfinished-disk.ts';

const { arch, distro: original } = usual;
const name = 'altered';
const number = 74;
const altered = 'debian-12-test-altered';
/** Its root file system lacks kernel and modules, so that they come from the server. */
const bare = 'debian-12-test-sums';
/** RFC 1952, 2.3: the tenth byte tells the operating system; gzip takes any, and its check of the content is not touched. */
const otherSystem = '{ head -c 9 "$1"; printf \'\\377\'; tail -c +11 "$1"; }';
const wrongSum = createHash('sha256').update('another image').digest('hex');

describe("the installer's shell, and an image that is not what SHA256SUMS says", endToEndSuite(), () => {
  let kernel: string;

  before(async () => {
    await freshLab();
    kernel = (await readdir(imageDirectory(lab, original, arch))).find((file) => file.startsWith('vmlinuz-')) ?? '';
    await deriveImage(lab, original, altered, arch, otherSystem);
    await deriveImage(lab, original, bare, arch, withoutKernel);
  });

  after(async () => {
    await labDown(lab);
    await removeImage(lab, altered);
    await removeImage(lab, bare);
  });

  test('initrd.mode=shell in the definition gives the shell, and nothing is installed', async () => {
    await define(altered);
    await startVm(lab, name);

    await untilPrinted(lab, name, /init: initrd\.mode=shell: the installer is not started/);
    await untilPrinted(lab, name, /init: shell on the console/);
    await assertBlankDisk(machinePaths(lab, name).disk);
    assert.deepEqual(await reportedEvents(lab, name), []);
  });

  test('a root file system altered without changing its length ends it before the boot loader', async () => {
    const [expected, found] = [await sha256(original, 'rootfs.tar.gz'), await sha256(altered, 'rootfs.tar.gz')];
    assert.equal(await length(altered), await length(original));
    await writeSums(altered, { 'rootfs.tar.gz': expected });

    await assertRefused('rootfs.tar.gz', { found, expected });
  });

  test('a kernel with another sum does the same', async () => {
    await writeSums(bare, { [kernel]: wrongSum });
    await define(bare);

    await assertRefused(kernel, { found: await sha256(bare, kernel), expected: wrongSum });
  });

  test('modules with another sum do the same, with a kernel that is good', async () => {
    await writeSums(bare, { [kernel]: await sha256(bare, kernel), 'modules.cpio.gz': wrongSum });

    await assertRefused('modules.cpio.gz', { found: await sha256(bare, 'modules.cpio.gz'), expected: wrongSum });
  });
});

async function define(distro: string): Promise<void> {
  const install = { kernel_args: ['initrd.mode=shell'] };
  await saveDefinition(lab, { name, number, arch, distro, pxeboot: true, install });
}

/** Starts the installer in the VM's shell: it refuses this file, on the console and at the server, before the boot loader. */
async function assertRefused(file: string, sums: { found: string; expected: string }): Promise<void> {
  const output = await runInShell(lab, name, 'os-installer; echo status=$?');

  const difference = `its SHA-256 is "${sums.found}" and SHA256SUMS beside it says "${sums.expected}"`;
  const reason = `check http://\\S+/${file.replaceAll('.', '\\.')}: ${difference}`;
  assert.match(output, new RegExp(`INSTALLATION FAILED: ${reason}`));
  assert.match(output, /status=2$/);
  assert.match(await reportedFailure(lab, name), new RegExp(reason));
  const steps = (await reportedEvents(lab, name)).map(({ step }) => step);
  assert.ok(steps.includes('unpack') && !steps.includes('boot-loader'), steps.join(' '));
  await assertUnfinishedDisk(lab, name);
}

async function writeSums(distro: string, sums: Record<string, string>): Promise<void> {
  const lines = Object.entries(sums).map(([file, sum]) => `${sum}  ${file}\n`);
  await writeFile(join(imageDirectory(lab, distro, arch), 'SHA256SUMS'), lines.join(''));
}

async function sha256(distro: string, file: string): Promise<string> {
  const { stdout } = await run('sha256sum', [join(imageDirectory(lab, distro, arch), file)], { timeoutMs: 60_000 });
  return stdout.split(' ')[0] ?? '';
}

async function length(distro: string): Promise<number> {
  return (await stat(join(imageDirectory(lab, distro, arch), 'rootfs.tar.gz'))).size;
}
