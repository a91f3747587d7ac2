import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { containerLogs } from '../../src/container.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { labDown } from '../../src/lab.ts';
import { runInNamespace } from '../../src/namespace.ts';
import { ipv6Of, saveDefinition } from '../../src/vm-files.ts';
import { endToEndSuite } from './support/end-to-end-suite.ts';
import {
  ipv6Addresses,
  testInstalledSystem,
  testIpxeOverHttp,
  testPingCapability,
} from './support/installed-system.ts';
import type { InstalledVm } from './support/installed-vm.ts';
import { installVm } from './support/installed-vm.ts';
import { freshLab, lab, usual } from './support/test-lab.ts';

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
      await freshLab({ distro, arch }, { ipv6: true });
      await saveDefinition(lab, { ...usual, name: peer, number: peerNumber, pxeboot: false, ipv6: true });
      vm = await installVm(lab, { name, number, arch, distro, pxeboot: true, ipv6: true }, { networkBoot: 'http' });
    });

    after(async () => {
      await labDown(lab);
    });

    testIpxeOverHttp(arch);

    testInstalledSystem(() => vm, { distro, arch, loader: 'BOOTAA64.EFI' });

    testPingCapability(() => vm);

    test('it has the IPv6 address of its definition, by DHCPv6, and no other', async () => {
      assert.deepEqual(await ipv6Addresses(vm), [ipv6Of(number)]);
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
