import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Log } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';
import { describeError, HostError, InputError } from '@pxeboot/config/kit/errors';

import type { NetworkInterface } from '../plan/choose-interface.ts';
import { matchingInterfaces } from '../plan/choose-interface.ts';
import type { InstallerCmdline, NetworkSetup } from '../plan/cmdline.ts';

const classNet = '/sys/class/net';
const commandTimeoutMs = 10_000;

/** How patient the network is brought up. */
export interface NetworkPatience {
  interfaceMs: number;
  carrierMs: number;
  /** Each asks for a lease several times. */
  dhcpAttempts: number;
  /** Questions of one attempt, three seconds apart. */
  dhcpQuestions: number;
}

const defaultPatience: NetworkPatience = {
  interfaceMs: 30_000,
  carrierMs: 30_000,
  dhcpAttempts: 6,
  dhcpQuestions: 7,
};

/** Brings the network up as the kernel command line asks. Of several interfaces the MAC address decides, else the name, else
 * who has a carrier first. VLANs are not set up.
 * @throws InputError no such interface; HostError no carrier or no lease */
export async function bringUpNetwork(
  { installerMac, network }: InstallerCmdline,
  log: Log,
  patience: NetworkPatience = defaultPatience,
): Promise<void> {
  const name = network.kind === 'static' ? network.device : undefined;
  const candidates = await findInterfaces(installerMac, name, patience.interfaceMs);
  for (const candidate of candidates) {
    await run('ip', ['link', 'set', candidate, 'up'], { timeoutMs: commandTimeoutMs });
  }
  const device = await waitForCarrier(candidates, patience.carrierMs);
  if (network.kind === 'dhcp') await acquireLease(device, log, patience);
  else await setAddress(device, network);
  log.info('network up', { device, setup: network.kind });
}

async function findInterfaces(
  mac: string | undefined,
  name: string | undefined,
  timeoutMs: number,
): Promise<[string, ...string[]]> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const interfaces = await listInterfaces();
    const [first, ...others] = matchingInterfaces(interfaces, mac, name);
    // A MAC address is one interface: another one with the same address lies on top of it.
    if (first !== undefined) return mac === undefined ? [first, ...others] : [first];
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

async function listInterfaces(): Promise<NetworkInterface[]> {
  const names = (await readdir(classNet)).filter((name) => name !== 'lo').sort();
  const found = names.map(async (name) => ({
    name,
    mac: (await readAttribute(name, 'address')).toLowerCase(),
    physical: await access(`${classNet}/${name}/device`).then(
      () => true,
      () => false,
    ),
  }));
  return Promise.all(found);
}

async function readAttribute(device: string, attribute: string): Promise<string> {
  return readFile(`${classNet}/${device}/${attribute}`, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

/** @returns the first candidate with a carrier */
async function waitForCarrier(candidates: readonly string[], timeoutMs: number): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    for (const device of candidates) if ((await readAttribute(device, 'carrier')) === '1') return device;
    if (Date.now() > deadline) {
      throw new HostError(
        `wait for the link of ${candidates.join(', ')}: no carrier within ${timeoutMs} ms; is it connected?`,
      );
    }
    await sleep(100);
  }
}

/** Each attempt waits for the carrier first: a switch that starts may take it away again. */
async function acquireLease(device: string, log: Log, patience: NetworkPatience): Promise<void> {
  const questions = ['-t', String(patience.dhcpQuestions), '-T', '3'];
  const args = ['-i', device, '-f', '-q', '-n', ...questions, '-O', 'staticroutes'];
  for (let attempt = 1; ; attempt++) {
    try {
      await waitForCarrier([device], patience.carrierMs);
      await run('udhcpc', args, { timeoutMs: patience.dhcpQuestions * 3_000 + 30_000 });
      return;
    } catch (cause) {
      if (attempt >= patience.dhcpAttempts) {
        throw new HostError(
          `ask for an address by DHCP on ${device}: no lease after ${attempt} attempts; check that the boot server runs ` +
            'and knows this MAC address',
          { cause },
        );
      }
      log.warn('no lease, asking again', { device, attempt, reason: describeError(cause) });
    }
  }
}

async function setAddress(device: string, setup: Extract<NetworkSetup, { kind: 'static' }>): Promise<void> {
  await run('ip', ['address', 'replace', `${setup.address}/${setup.prefixLength}`, 'dev', device], {
    timeoutMs: commandTimeoutMs,
  });
  if (setup.gateway !== undefined) {
    const route = ['route', 'replace', 'default', 'via', setup.gateway, 'dev', device, 'onlink'];
    await run('ip', route, { timeoutMs: commandTimeoutMs });
  }
  await writeFile('/etc/resolv.conf', setup.nameservers.map((server) => `nameserver ${server}\n`).join(''));
}
