import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { buildImage } from '../../src/debian-image.ts';
import { labDown, labReset, labUp } from '../../src/lab.ts';
import { runInNamespace } from '../../src/namespace.ts';
import { provisionerIp } from '../../src/settings.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { ipv6Of, saveDefinition } from '../../src/vm-files.ts';
import { testInstalledSystem, testPingCapability } from './support/installed-system.ts';
import type { InstalledVm } from './support/installed-vm.ts';
import { installedVm } from './support/installed-vm.ts';
import { lab } from './support/lab.ts';
import { endToEndSuite } from './support/requirements.ts';

const [distro, arch] = ['debian-12', 'aarch64'] as const;
const name = 'e2e-arm64';
const number = 60;
/** Defined, never switched on. */
const peer = 'e2e-peer';
const peerNumber = 61;
const askForAddress = `
require('node:dns').promises.setServers([process.argv[1]]);
require('node:dns').promises.resolve6(process.argv[2]).then((found) => console.log(found.join(' ')));`;

describe(
  'Debian 12 for aarch64, installed over UEFI HTTP boot in a network with IPv6',
  endToEndSuite(['qemu-system-aarch64', 'radvd']),
  () => {
    let vm: InstalledVm;

    before(async () => {
      await labReset(lab);
      await buildImage(lab, distro, arch);
      await labUp(lab, { ipv6: true });
      await saveDefinition(lab, { name, number, arch, distro, pxeboot: true, ipv6: true });
      const other = { name: peer, number: peerNumber, arch: 'x86_64', distro: 'debian-12' } as const;
      await saveDefinition(lab, { ...other, pxeboot: false, ipv6: true });
      await startVm(lab, name, { ...startDefaults, networkBoot: 'http' });
      vm = await installedVm(lab, name);
    });

    after(async () => {
      await labDown(lab);
    });

    test('its firmware took iPXE over HTTP, not by TFTP', async () => {
      const log = await containerLogs(lab);

      assert.match(log, /nginx GET "\/boot\/ipxe-arm64\.efi" .*status=200/);
      assert.doesNotMatch(log, /sent \S*ipxe-arm64\.efi/);
    });

    testInstalledSystem(() => vm, { distro, arch, loader: 'BOOTAA64.EFI' });

    testPingCapability(() => vm);

    test('it has the IPv6 address of its definition, by DHCPv6, and no other', async () => {
      const addresses = await vm.shell('ip -6 -o address show scope global');

      assert.deepEqual(
        addresses.split('\n').map((line) => / inet6 (\S+)\//.exec(line)?.[1]),
        [ipv6Of(number)],
      );
      assert.match(await containerLogs(lab), new RegExp(`DHCPREPLY\\(\\S+\\) ${ipv6Of(number)} .*${name}`));
    });

    test('its name resolves to that address, and it resolves the name of another VM', async () => {
      const domainName = `${name}.pvmlab.local`;

      const { stdout } = await runInNamespace(lab, process.execPath, ['-e', askForAddress, provisionerIp, domainName]);

      assert.equal(stdout, ipv6Of(number));
      // Its own name stands in its /etc/hosts.
      assert.match(await vm.shell(`resolvectl query -6 ${peer}.pvmlab.local`), new RegExp(ipv6Of(peerNumber)));
    });
  },
);
