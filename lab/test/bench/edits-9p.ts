// What edits of definitions cost on a 9p share: the container runs in a machine of its own, this machine shares the directory.
// Usage (as root): node lab/test/bench/edits-9p.ts
import { execa } from 'execa';
import { join } from 'node:path';

import { labDown, labReset, thisLab } from '../../src/lab.ts';
import { inNamespace } from '../../src/namespace.ts';
import { provisionerIp, vmsDirectory } from '../../src/decide/settings.ts';
import { startProvisioner } from '../matrix/support/provisioner-guest.ts';

const lab = thisLab('x86_64', 'pxeboot-bench');
const edits = join(lab.root, 'vm_watcher/test/bench/edits.ts');

await labReset(lab);
try {
  await (await startProvisioner(lab)).untilServing();
  const options = ['--vms', vmsDirectory(lab), '--url', `http://${provisionerIp}`, '--dns', provisionerIp];
  await execa(...inNamespace(lab, process.execPath, [edits, ...options]), { stdio: 'inherit' });
} finally {
  await labDown(lab);
}
