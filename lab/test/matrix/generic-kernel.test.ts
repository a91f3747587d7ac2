import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '@pxeboot/config/host/run';

import { imageDirectory } from '../../src/debian-image.ts';
import { labDown } from '../../src/lab.ts';
import { consoleText } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { assertMemory, testCleanCloudInit } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

const distro = 'debian-12-generic';
const name = 'generic';
const number = 80;
/** iPXE and the kernel hold the installer's initrd and every module of the kernel in it, compressed and unpacked. */
const memoryMiB = 1024;
/** Debian 12's cloud kernel has some 1100. */
const manyModules = 3000;
const listTimeoutMs = 60_000;

describe(
  `Debian 12's generic kernel with all its modules, on a SATA disk beside a USB stick, with ${memoryMiB} MB of memory`,
  endToEndSuite(['cpio']),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ ...usual, distro });
      const start = { memoryMiB, bus: 'sata', spareDisk: 'usb' } as const;
      vm = await installVm(lab, { ...usual, name, number, distro }, start);
    });

    after(async () => {
      await labDown(lab);
    });

    test('that kernel runs, from that disk, with no more memory', async () => {
      assert.match(await vm.shell('uname -r'), /^\d\S*-amd64$/);
      assert.doesNotMatch(await vm.shell('uname -r'), /cloud/);
      assert.match(
        await vm.shell('readlink -f /sys/class/block/$(basename $(findmnt -no SOURCE /))'),
        /\/ata\d+\/.*2$/,
      );
      await assertMemory(vm, memoryMiB);
    });

    test('the USB stick was seen, left alone and named with the reason', async () => {
      assert.match(
        await consoleText(lab, name),
        /disk \/dev\/sd[ab] \(10\.0 GiB, usb, .*\): it is attached by USB, which is used only when install\.disk names/,
      );
      const stick = await vm.shell('lsblk -dno PATH,TRAN | sed -n "s/ *usb$//p"');
      assert.equal(await vm.shell(`sudo -n head -c 64M ${stick} | tr -d '\\000' | wc -c`), '0');
    });

    test('the installer had every module of it: none was left out of the archive', async () => {
      const release = await vm.shell('uname -r');
      const archived = moduleLines(await listArchive());
      const installed = moduleLines(await vm.shell(`cd /usr && find lib/modules/${release} -name '*.ko*'`));

      assert.ok(installed.length > manyModules, `${installed.length} modules`);
      assert.deepEqual(archived, installed);
      assert.doesNotMatch(await consoleText(lab, name), /init: the .* (?:is|are) incomplete/);
    });

    test("every module that the running kernel's index names is there", async () => {
      const check =
        'cd "/lib/modules/$(uname -r)" && cut -d: -f1 modules.dep | while read -r m; do [ -s "$m" ] || echo "$m"; done';

      assert.equal(await vm.shell(check), '');
    });

    testCleanCloudInit(() => vm);
  },
);

async function listArchive(): Promise<string> {
  const archive = join(imageDirectory(lab, distro, usual.arch), 'modules.cpio.gz');
  const list = ['-c', 'gzip -dc "$1" | cpio --quiet -t', 'list', archive];
  return (await run('sh', list, { timeoutMs: listTimeoutMs })).stdout;
}

/** The paths of modules, compressed or not, sorted. */
function moduleLines(paths: string): string[] {
  return paths
    .split('\n')
    .filter((path) => /\.ko(?:\.\w+)?$/.test(path))
    .sort();
}
