import { after, before, describe } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testInstalledSystem, testPingCapability } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab, usual } from '../e2e/support/test-lab.ts';

describe('Debian 12 for x86_64, installed over PXE into a blank disk', endToEndSuite(), () => {
  let vm: InstalledVm;

  before(async () => {
    await freshLab();
    vm = await installVm(lab, { ...usual, name: 'e2e-bookworm', number: 34 });
  });

  after(async () => {
    await labDown(lab);
  });

  testInstalledSystem(() => vm, { ...usual, loader: 'BOOTX64.EFI' });

  testPingCapability(() => vm);
});
