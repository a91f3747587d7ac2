import { after, before, describe } from 'node:test';

import { buildImage } from '../../src/debian-image.ts';
import { labDown, labReset, labUp, thisLab } from '../../src/lab.ts';
import { startVm } from '../../src/vm.ts';
import { saveDefinition } from '../../src/vm-files.ts';
import { testInstalledSystem } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installedVm } from '../e2e/support/installed-vm.ts';
import { endToEndSuite } from '../e2e/support/requirements.ts';

const lab = thisLab('x86_64', 'pxeboot-e2e');
const name = 'e2e-trixie';

describe('Debian 13 for x86_64, installed over the network', endToEndSuite(lab), () => {
  let vm: InstalledVm;

  before(async () => {
    await labReset(lab);
    await buildImage(lab, 'debian-13', 'x86_64');
    await labUp(lab);
    await saveDefinition(lab, { name, number: 32, arch: 'x86_64', distro: 'debian-13', pxeboot: true });
    await startVm(lab, name);
    vm = await installedVm(lab, name);
  });

  after(async () => {
    await labDown(lab);
  });

  testInstalledSystem(() => vm, { machine: 'x86_64', loader: 'BOOTX64.EFI' });
});
