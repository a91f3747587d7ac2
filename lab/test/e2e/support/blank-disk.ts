import assert from 'node:assert/strict';

import { run } from '@pxeboot/config/host/run';

const timeoutMs = 20_000;

/** An extent as `qemu-img map` tells of it. */
interface Extent {
  /** Reads as zeros because nothing was ever written there. */
  zero: boolean;
}

/** Not a byte was ever written, no zeros either.
 * @param disk a qcow2 file; a machine may be using it */
export async function assertBlankDisk(disk: string): Promise<void> {
  const { stdout } = await run('qemu-img', ['map', '--force-share', '--output=json', disk], { timeoutMs });
  // qemu-img's own output.
  const extents = JSON.parse(stdout) as Extent[];
  assert.ok(extents.length > 0 && extents.every(({ zero }) => zero), `"${disk}" was written to: ${stdout}`);
}
