/** Times that jump. Not tested: a jump of the kernel's own clock, which times changes of inodes; setting it would set it for the
 * whole machine. The wall clock that vm_watcher itself reads does jump here. */
import assert from 'node:assert/strict';
import { open, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { inForce } from '../support/in-force.ts';
import { networkTest } from '../support/guest-network.ts';
import type { RunningStack } from '../support/running-stack.ts';
import { startStack, vmJson } from '../support/running-stack.ts';

const { skip } = networkTest();
const jumpingClock = join(import.meta.dirname, '../support/jumping-clock.ts');
const future = new Date('2099-12-31T00:00:00Z');
const past = new Date('1980-01-01T00:00:00Z');

/** Equal length for each n, so that only content and times can tell two apart. */
function web1(n: number): { ip: string; text: string } {
  const ip = `192.168.105.${20 + n}`;
  return { ip, text: vmJson({ name: 'web1', mac: '52:54:00:aa:bb:01', ip }) };
}

async function overwrite(file: string, text: string, time: Date): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(text, 0);
  await handle.utimes(time, time);
  await handle.close();
}

async function renameOver(file: string, text: string, time: Date): Promise<void> {
  await writeFile(`${file}.beside`, text);
  await utimes(`${file}.beside`, time, time);
  await rename(`${file}.beside`, file);
}

async function editUnderEveryTime(stack: RunningStack): Promise<void> {
  const file = join(stack.vmsDir, 'web1.json');
  await writeFile(file, web1(0).text);
  await inForce(stack, 'web1', web1(0).ip);
  const { size } = await stat(file);

  let n = 0;
  for (const save of [overwrite, renameOver]) {
    for (const time of [future, past, past, future, future, new Date(0), new Date()]) {
      const next = web1(++n);
      await save(file, next.text, time);
      assert.deepEqual([(await stat(file)).size, (await stat(file)).mtimeMs], [size, time.getTime()]);

      await inForce(stack, 'web1', next.ip);
    }
  }
}

for (const watch of ['events', 'poll'] as const) {
  test(`${watch}: an edit counts whatever its time, also an equal one with an equal size`, { skip }, async () => {
    await using stack = await startStack({ watch });

    await editUnderEveryTime(stack);
  });

  test(`${watch}: a wall clock that jumps by days loses no edit`, { skip }, async () => {
    await using stack = await startStack({ watch, preload: jumpingClock });

    await editUnderEveryTime(stack);
  });
}
