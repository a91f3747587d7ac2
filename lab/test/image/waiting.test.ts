import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import type { Arch } from '@pxeboot/config/contract/architecture';

import { imageDirectory } from '../../src/debian-image.ts';
import { runDemo } from '../../src/demo.ts';
import { docker } from '../../src/engine.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { imageSuite } from './support/image-suite.ts';
import type { TestStack } from './support/stack.ts';
import { container, createTestStack, lab } from './support/stack.ts';

const hostArch: Arch = arch() === 'arm64' ? 'aarch64' : 'x86_64';

describe('a container that is waited for', imageSuite(), () => {
  let stack: TestStack;

  before(async () => {
    stack = await createTestStack();
  });

  after(async () => {
    await stack.dispose();
  });

  test('ends the wait at once with its last lines when it has ended by itself', async () => {
    await stack.start({ env: { DHCP_RANGE_START: 'nonsense' } });

    await assert.rejects(stack.untilServing(), (error: Error) => {
      assert.equal(error.message, 'start the container');
      assert.match((error.cause as Error).message, /^it ended by itself; its last lines:\n[^]*"nonsense"/);
      return true;
    });
  });

  test('ends the wait when it is removed', async () => {
    await stack.remove();

    await assert.rejects(stack.untilServing(), (error: Error) => {
      assert.equal((error.cause as Error).message, 'it is gone');
      return true;
    });
  });

  test('and that lives but never serves, does not keep the demo from being interrupted: nothing of it stays', async () => {
    // The image directory is there, so that none is built.
    await mkdir(imageDirectory(lab, 'debian-12', hostArch), { recursive: true });
    await writeFile(join(imageDirectory(lab, 'debian-12', hostArch), 'rootfs.tar.gz'), '');
    const interrupt = new AbortController();
    const demo = runDemo(lab, { distro: 'debian-12', arch: hostArch }, interrupt.signal);
    const interrupted = assert.rejects(demo, {
      name: 'Interrupted',
      message: 'the demo was interrupted; VM, container and network are removed, images/ stays',
    });
    await waitUntil('the container of the demo is there', 60_000, async () => docker(lab, ['pause', container]));

    interrupt.abort();

    await interrupted;
    assert.ok(!existsSync(lab.runtime) && !existsSync(`/run/netns/${lab.name}`));
  });
});
