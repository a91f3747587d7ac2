import assert from 'node:assert/strict';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { httpGet } from '../../src/container.ts';
import { buildImage } from '../../src/debian-image.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { labDown, labReset } from '../../src/lab.ts';
import { runInNamespace } from '../../src/namespace.ts';
import { definitionPath, macOf, noDisk, saveDefinition } from '../../src/vm-files.ts';
import { startDefaults, startVm } from '../../src/vm.ts';
import { waitUntil } from '../../src/wait-until.ts';
import { untilPrinted } from '../e2e/support/console.ts';
import { endToEndSuite } from '../e2e/support/end-to-end-suite.ts';
import { lab, usual } from '../e2e/support/test-lab.ts';
import type { ProvisionerGuest } from './support/provisioner-guest.ts';
import { startProvisioner } from './support/provisioner-guest.ts';

/** How long a save may take to be in force before the test gives up: what it took is printed. */
const patienceMs = 20_000;
const askForAddress = `
const { Resolver } = require('node:dns').promises;
const resolver = new Resolver({ timeout: 2000, tries: 1 });
resolver.setServers([process.argv[1]]);
resolver.resolve4(process.argv[2]).then(([found]) => console.log(found), () => {});`;

describe("definitions on a 9p share, in pvmlab's command line with --privileged", endToEndSuite(), () => {
  let guest: ProvisionerGuest;

  before(async () => {
    await labReset(lab);
    await buildImage(lab, usual.distro, usual.arch);
    guest = await startProvisioner(lab);
    await guest.untilServing();
  });

  after(async () => {
    await guest.stop();
    await labDown(lab);
  });

  test('the share is 9p, and is polled', async () => {
    const log = await readFile(guest.consoleLog, 'latin1');
    assert.match(log, /mode=poll reason="the file system is 9p"/);
  });

  test('a new definition is in force', async (context) => {
    await saveDefinition(lab, { ...usual, name: 'web', number: 10 });
    await inForce(context, 'web', 10, '192.168.105.10');
  });

  test('so is one that replaces it by a rename', async (context) => {
    await saveDefinition(lab, { ...usual, name: 'web', number: 11 });
    await inForce(context, 'web', 11, '192.168.105.11');
  });

  test('so is one that is written over it in two pieces', async (context) => {
    const text = (await readFile(definitionPath(lab, 'web'), 'utf8')).replaceAll('192.168.105.11', '192.168.105.12');
    await writeInPieces(definitionPath(lab, 'web'), text);
    await inForce(context, 'web', 11, '192.168.105.12');
  });

  test('one that is broken keeps its last good version, and the page says why', async (context) => {
    await writeFile(definitionPath(lab, 'web'), '{"name": "web",');
    await saveDefinition(lab, { ...usual, name: 'db', number: 13 });

    await inForce(context, 'db', 13, '192.168.105.13');

    assert.equal(await addressOf('web'), '192.168.105.12');
    const reason = await waitUntil('the linter names the file', patienceMs, async () => {
      const text = await httpGet('/api/lint', lab);
      return text.includes('web.json') && text;
    });
    assert.match(reason, /web\.json/);
  });

  test('200 definitions at once are in force', async (context) => {
    await Promise.all(numbers(200).map((number) => writeFile(definitionPath(lab, `many${number}`), generated(number))));
    await inForceAs(context, 'many200', '192.168.105.249', async () => (await addressOf('many200')) !== undefined);
  });

  test('a removed definition is gone', async (context) => {
    await rm(definitionPath(lab, 'db'));
    await inForceAs(context, 'db', 'no address', async () => (await addressOf('db')) === undefined);
  });

  test('a machine on its network gets the installer from it', async () => {
    await saveDefinition(lab, { ...usual, name: 'guest', number: 14 });
    await startVm(lab, 'guest', { ...startDefaults, diskSize: noDisk });
    await untilPrinted(lab, 'guest', /INSTALLATION FAILED: choose a disk: this machine has no disk/);
    assert.match(await httpGet('/api/vms/guest', lab), /this machine has no disk/);
  });
});

/** Waits until DNS and boot handler know a definition, and prints how long that took. */
async function inForce(context: TestContext, name: string, number: number, address: string): Promise<void> {
  await inForceAs(context, name, address, async () => {
    const script = await httpGet(`/ipxe?mac=${macOf(number)}`, lab).catch(() => '');
    return script.includes(`# ${name}: install`) && (await addressOf(name)) === address;
  });
}

async function inForceAs(context: TestContext, name: string, as: string, check: () => Promise<boolean>): Promise<void> {
  const saved = performance.now();
  await waitUntil(`"${name}" is in force (${as})`, patienceMs, check);
  context.diagnostic(`in force after ${((performance.now() - saved) / 1000).toFixed(1)} s`);
}

async function addressOf(name: string): Promise<string | undefined> {
  const args = ['-e', askForAddress, provisionerIp, `${name}.pvmlab.local`];
  const { stdout } = await runInNamespace(lab, process.execPath, args);
  return stdout === '' ? undefined : stdout;
}

/** As an editor that truncates the file and takes its time. */
async function writeInPieces(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.write(text.slice(0, text.length / 2));
  await sleep(1_500);
  await file.write(text.slice(text.length / 2));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function generated(number: number): string {
  const [mac, ip] = [`52:54:00:00:01:${number.toString(16).padStart(2, '0')}`, `192.168.105.${number + 49}`];
  return JSON.stringify({ ...usual, name: `many${number}`, role: 'target', mac, ip });
}
