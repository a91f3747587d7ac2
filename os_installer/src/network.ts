import { readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { HostError, InputError } from '@pxeboot/config/errors';
import type { Log } from '@pxeboot/config/log';
import { run } from '@pxeboot/config/run';

import type { InstallerCmdline, NetworkSetup } from './cmdline.ts';

const classNet = '/sys/class/net';
const interfaceTimeoutMs = 30_000;
const carrierTimeoutMs = 30_000;
const dhcpTimeoutMs = 120_000;

/** Brings the network up as the kernel command line asks.
 * @throws InputError no such interface; HostError no carrier or no lease */
export async function bringUpNetwork({ installerMac, network }: InstallerCmdline, log: Log): Promise<void> {
  const device = await findInterface(installerMac, network.kind === 'static' ? network.device : undefined);
  await run('ip', ['link', 'set', device, 'up'], { timeoutMs: 10_000 });
  await waitForCarrier(device);
  if (network.kind === 'dhcp') await acquireLease(device);
  else await setAddress(device, network);
  log.info('network up', { device, setup: network.kind });
}

async function findInterface(mac: string | undefined, name: string | undefined): Promise<string> {
  const deadline = Date.now() + interfaceTimeoutMs;
  for (;;) {
    const interfaces = await listInterfaces();
    const found = interfaces.find((one) =>
      mac === undefined ? name === undefined || one.name === name : one.mac === mac,
    );
    if (found !== undefined) return found.name;
    if (Date.now() > deadline) {
      const seen = interfaces.map((one) => `${one.name} (${one.mac})`).join(', ') || 'none';
      const wanted = mac ?? name ?? 'any';
      throw new InputError(
        `find the network interface "${wanted}": the machine has ${seen}; check the VM's network card`,
      );
    }
    await sleep(200);
  }
}

async function listInterfaces(): Promise<{ name: string; mac: string }[]> {
  const names = (await readdir(classNet)).filter((name) => name !== 'lo').sort();
  const addresses = names.map(async (name) => ({ name, mac: (await readAttribute(name, 'address')).toLowerCase() }));
  return Promise.all(addresses);
}

async function readAttribute(device: string, attribute: string): Promise<string> {
  return readFile(`${classNet}/${device}/${attribute}`, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

async function waitForCarrier(device: string): Promise<void> {
  const deadline = Date.now() + carrierTimeoutMs;
  while ((await readAttribute(device, 'carrier')) !== '1') {
    if (Date.now() > deadline) {
      throw new HostError(`wait for the link of ${device}: no carrier within ${carrierTimeoutMs} ms; is it connected?`);
    }
    await sleep(100);
  }
}

async function acquireLease(device: string): Promise<void> {
  const args = ['-i', device, '-f', '-q', '-n', '-t', '20', '-T', '3', '-O', 'staticroutes'];
  try {
    await run('udhcpc', args, { timeoutMs: dhcpTimeoutMs });
  } catch (cause) {
    throw new HostError(
      `ask for an address by DHCP on ${device}: no lease; check that the boot server runs and knows this MAC address`,
      { cause },
    );
  }
}

async function setAddress(device: string, setup: Extract<NetworkSetup, { kind: 'static' }>): Promise<void> {
  await run('ip', ['address', 'replace', `${setup.address}/${setup.prefixLength}`, 'dev', device], {
    timeoutMs: 10_000,
  });
  if (setup.gateway !== undefined) {
    await run('ip', ['route', 'replace', 'default', 'via', setup.gateway, 'dev', device], { timeoutMs: 10_000 });
  }
  await writeFile('/etc/resolv.conf', setup.nameservers.map((server) => `nameserver ${server}\n`).join(''));
}
