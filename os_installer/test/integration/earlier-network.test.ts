import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newSystemAt } from '../../src/new-system.ts';
import { writeSeed } from '../../src/steps/write-seed.ts';
import { installationInto } from './support/installation.ts';
import { debian, stepOf } from './support/planned.ts';
import { writeTree } from './support/tree.ts';

const earlier: Record<string, string> = {
  'etc/netplan/00-installer-config.yaml': 'network:\n  ethernets:\n    enp1s0: {dhcp4: true}\n',
  'etc/netplan/50-cloud-init.yaml': 'network:\n    ethernets:\n        eth0: {}\n',
  'etc/network/interfaces.d/50-cloud-init': 'auto eth0\niface eth0 inet dhcp\n',
  'etc/NetworkManager/system-connections/enp1s0.nmconnection': '[connection]\nid=Wired\ntype=ethernet\n',
  'etc/NetworkManager/conf.d/99-cloud-init.conf': '[main]\n',
  'etc/systemd/network/05-host.network': '[Match]\nName=enp3s0\n\n[Network]\nAddress=10.1.1.1/24\n',
  'etc/systemd/network/10-cloud-init-eth0.network': '[Match]\nMACAddress=52:54:00:00:00:01\n',
  'etc/systemd/network/10-lan.link': '[Match]\nMACAddress=52:54:00:00:00:01\n[Link]\nName=lan0\n',
  'etc/sysconfig/network-scripts/ifcfg-eth0': 'DEVICE=eth0\n',
};
const kept: Record<string, string> = {
  'etc/netplan/01-network-manager-all.yaml': 'network:\n  version: 2\n  renderer: NetworkManager\n',
  'etc/network/interfaces.d/lo': 'auto lo\niface lo inet loopback\n',
  'etc/NetworkManager/system-connections/vpn.nmconnection': '[connection]\ntype=wireguard\n',
  'etc/systemd/network/80-docker.network': '[Match]\nName=docker0 veth*\n',
  'etc/systemd/network/99-default.link': '[Match]\nOriginalName=*\n',
  'etc/sysconfig/network-scripts/ifcfg-lo': 'DEVICE=lo\n',
};

test("the network of the machine that the image was made on is taken out by name; what is no network card's stays", async (context) => {
  const interfaces = 'auto lo\niface lo inet loopback\nauto enp1s0\niface enp1s0 inet static\n';
  const directory = await writeTree(context, { ...debian, ...earlier, ...kept, 'etc/network/interfaces': interfaces });
  const installation = installationInto(directory);

  await writeSeed.run(stepOf('write-seed'), installation);

  const { system } = installation;
  for (const path of Object.keys(earlier)) assert.equal(await system.read(path), undefined, path);
  for (const [path, text] of Object.entries(kept)) assert.equal(await system.read(path), text, path);
  assert.doesNotMatch((await system.read('etc/network/interfaces')) ?? '', /enp1s0/);
  assert.match(
    installation.lines.join('\n'),
    /warn test the definition's network takes the place .*00-installer-config\.yaml/,
  );
});

test('a system with nothing of that is not warned about', async (context) => {
  const installation = installationInto(await writeTree(context, { ...debian, ...kept }));

  await writeSeed.run(stepOf('write-seed'), installation);

  assert.doesNotMatch(installation.lines.join('\n'), /warn/);
});

test('without cloud-init nobody else would configure the network: what the image has stays', async (context) => {
  const directory = await writeTree(context, earlier);

  await writeSeed.run(stepOf('write-seed'), installationInto(directory));

  for (const [path, text] of Object.entries(earlier)) assert.equal(await newSystemAt(directory).read(path), text);
});
