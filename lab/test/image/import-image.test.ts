import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run } from '@pxeboot/config/host/run';
import type { TestDevice } from '@pxeboot/config/test/integration/import/support/disk-image';
import { fillEsp, makeDisk, partitionTypes } from '@pxeboot/config/test/integration/import/support/disk-image';
import { release, writeRoot } from '@pxeboot/config/test/integration/import/support/small-root';

import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { createTestStack, lab } from './support/stack.ts';

const timeoutMs = 120_000;
/** What an import needs of --privileged, which a test machine may not be allowed to give: loop devices, and mount(2) for them.
 * Numbers of devices: Linux, Documentation/admin-guide/devices.txt. */
const mayMount = [
  ...[
    '--cap-add=SYS_ADMIN',
    '--security-opt=seccomp=unconfined',
    '--security-opt=apparmor=unconfined',
    '-v',
    '/dev:/dev',
  ],
  ...['--device-cgroup-rule=b 7:* rmw', '--device-cgroup-rule=b 259:* rmw', '--device-cgroup-rule=c 10:237 rmw'],
];
const programs = ['losetup', 'sfdisk', 'mkfs.ext4', 'mkfs.fat', 'mcopy', 'qemu-img', 'zstd'];

describe('the program image in the built image', imageSuite(lab, programs), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
  });

  after(() => stack.dispose());

  test('it imports a disk image in a container of its own, and lists it', async (context) => {
    async function fill({ format, mounted }: TestDevice): Promise<void> {
      await format('mkfs.ext4', '-q');
      await mounted((root) => writeRoot(root));
    }
    const raw = await makeDisk(context, {
      sizeMiB: 100,
      partitions: [
        { number: 15, startMiB: 1, sizeMiB: 40, type: partitionTypes.esp, fill: (device) => fillEsp(device) },
        { number: 1, startMiB: 50, sizeMiB: 40, type: partitionTypes.linux, fill },
      ],
    });
    await run('qemu-img', ['convert', '-O', 'qcow2', raw, `${raw}.qcow2`], { timeoutMs });
    const image = (...words: string[]): Promise<{ stdout: string }> =>
      stack.docker(
        [
          ...['run', '--rm', ...mayMount, '--net=none', '-v', `${dirname(raw)}:/in:ro`],
          ...['-v', `${stack.images}:/www/images`, `${lab.container}:latest`, 'image', ...words],
        ],
        timeoutMs,
      );

    const { stdout } = await image('import', '/in/disk.raw.qcow2');

    assert.equal(stdout, '/www/images/ubuntu-24.04/x86_64');
    const directory = join(stack.images, 'ubuntu-24.04/x86_64');
    assert.ok((await readdir(directory)).includes(`vmlinuz-${release}`));
    const rootfs = join(directory, 'rootfs.tar.zst');
    const shim = await run('tar', ['--zstd', '-xOf', rootfs, './boot/efi/EFI/fedora/shimx64.efi'], { timeoutMs });
    assert.equal(shim.stdout, 'shim');
    assert.match(
      (await image('list')).stdout,
      /^ubuntu-24\.04 +x86_64 .*Ubuntu 24\.04 LTS +installs, with 1 warning$/m,
    );
    assert.deepEqual(await readdir(stack.images), ['ubuntu-24.04']);
  });
});
