import { after, before, describe } from 'node:test';

import { labDown } from '../../src/lab.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { testInstalledSystem } from '../e2e/support/installed-system.ts';
import type { InstalledVm } from '../e2e/support/installed-vm.ts';
import { installVm } from '../e2e/support/installed-vm.ts';
import { freshLab, lab } from '../e2e/support/test-lab.ts';

const distro = 'debian-13';
const machines = [
  { arch: 'x86_64', loader: 'BOOTX64.EFI', name: 'e2e-trixie', number: 32 },
  { arch: 'aarch64', loader: 'BOOTAA64.EFI', name: 'e2e-trixie-arm64', number: 33 },
] as const;

for (const { arch, loader, name, number } of machines) {
  describe(`Debian 13 for ${arch}, installed over PXE`, endToEndSuite([`qemu-system-${arch}`]), () => {
    let vm: InstalledVm;

    before(async () => {
      await freshLab({ distro, arch });
      vm = await installVm(lab, { name, number, arch, distro, pxeboot: true });
    });

    after(async () => {
      await labDown(lab);
    });

    testInstalledSystem(() => vm, { distro, arch, loader });
  });
}
