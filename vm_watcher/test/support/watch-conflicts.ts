/** Looks for address conflicts as vm_watcher does, in less time: `node watch-conflicts.ts INTERFACE DIRECTORY NAME MAC IP`. */
import { createLog } from '@pxeboot/config/host/log';
import { sampleVm } from '@pxeboot/config/test/support/sample-vm';

import { createConflictWatch } from '../../src/neighbours/conflict-watch.ts';
import { createKernelNeighbours } from '../../src/neighbours/kernel-neighbours.ts';
import { every } from '../../src/watch/every.ts';

const [networkInterface, outDir = '', name = '', mac = '', ip = ''] = process.argv.slice(2);
const vm = sampleVm({ name, mac, ip });
const times = { lookMs: 200, confirmAfterMs: 4000, endAfterMs: 1000 };
const { look } = createConflictWatch({
  kernel: createKernelNeighbours(networkInterface, undefined),
  leases: { read: () => Promise.resolve([]) },
  inForce: () => [vm],
  outDir,
  log: createLog('vm_watcher'),
  times,
});
every(times.lookMs, async () => {
  await look();
  console.log('looked');
});
