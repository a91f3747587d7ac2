import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { parsePublishedState } from '@pxeboot/config/contract/published-state';
import { run } from '@pxeboot/config/host/run';

import { indexState } from '../../../boot_handler/src/vms/vm-index.ts';
import { networkTest } from '../support/guest-network.ts';
import { eventually, saveVm, saveVmByRename, startStack, vmJson } from '../support/running-stack.ts';

const { skip } = networkTest();
const web1 = { name: 'web1', mac: '52:54:00:aa:bb:01', ip: '192.168.105.20' };
const web2 = { name: 'web2', mac: '52:54:00:aa:bb:02', ip: '192.168.105.21' };

test(
  'a saved VM gets its address by DHCP and its name in DNS; a changed one the new address; a removed one neither',
  { skip },
  async () => {
    await using stack = await startStack();
    const { network, vmsDir } = stack;
    const answers = (name: string, ...expected: string[]) =>
      eventually(`${name} is ${expected.join(' ') || 'unknown'}`, async () => {
        return (await network.lookUp(name)).join(' ') === expected.join(' ');
      });

    await saveVm(vmsDir, web1);
    await answers('web1.pvmlab.local', web1.ip);
    assert.equal(await network.requestLease(web1.mac), web1.ip);

    await saveVmByRename(vmsDir, { ...web1, ip: '192.168.105.30' });
    await answers('web1.pvmlab.local', '192.168.105.30');
    assert.equal(await network.requestLease(web1.mac), '192.168.105.30');

    await rm(join(vmsDir, 'web1.json'));
    await answers('web1.pvmlab.local');
    await eventually('its lease is gone', async () => !(await readFile(stack.leasesFile, 'utf8')).includes(web1.mac));
    assert.match(
      (await network.requestLease(web1.mac)) ?? 'none',
      /^192\.168\.105\.1\d\d$/,
      'an address of the dynamic range',
    );
  },
);

test('a VM without a reserved address gets its name with its lease', { skip }, async () => {
  await using stack = await startStack();

  await saveVm(stack.vmsDir, { name: 'web3', mac: '52:54:00:aa:bb:03' });
  await eventually('dnsmasq has it', async () => (await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8')) !== '');
  const address = await stack.network.requestLease('52:54:00:aa:bb:03');

  assert.match(address ?? 'none', /^192\.168\.105\.1\d\d$/);
  assert.deepEqual(await stack.network.lookUp('web3.pvmlab.local'), [address]);
});

/** A bare word of `dhcp-host` that dnsmasq takes for an instruction or a lease time, not for a name. */
const namesWithMeaning = ['ignore', 'infinite', '2024', '45m'];

test('a VM whose name has a meaning for dnsmasq gets its address and its name', { skip }, async () => {
  await using stack = await startStack();
  for (const [index, name] of namesWithMeaning.entries()) {
    const vm = { name, mac: `52:54:00:aa:bc:0${index}`, ip: `192.168.105.4${index}` };

    await saveVm(stack.vmsDir, vm);
    await eventually(`DNS has ${name}`, async () => (await stack.network.lookUp(`${name}.pvmlab.local`))[0] === vm.ip);

    assert.equal(await stack.network.requestLease(vm.mac), vm.ip, name);
    await eventually('the lease has the name', async () =>
      (await readFile(stack.leasesFile, 'utf8')).includes(` ${vm.ip} ${name} `),
    );
  }
});

test('an address outside the private network is told, since DHCP gives another', { skip }, async () => {
  await using stack = await startStack();
  const vm = { name: 'web9', mac: '52:54:00:aa:bb:09', ip: '10.9.9.9' };

  await saveVm(stack.vmsDir, vm);
  await eventually('it is told', () => /rule=address-elsewhere .*192\.168\.105\.1\/24/.test(stack.watcherLog()));

  assert.match((await stack.network.requestLease(vm.mac)) ?? 'none', /^192\.168\.105\.1\d\d$/);
});

test('a VM with another MAC takes over the address and the name of its predecessor', { skip }, async () => {
  await using stack = await startStack();
  const { network, vmsDir } = stack;
  await saveVm(vmsDir, web1);
  await eventually('dnsmasq has it', async () => (await network.lookUp('web1.pvmlab.local')).length > 0);
  assert.equal(await network.requestLease(web1.mac), web1.ip);

  await saveVm(vmsDir, { ...web1, mac: '52:54:00:aa:bb:11' });
  await eventually('the old lease is gone', async () => !(await readFile(stack.leasesFile, 'utf8')).includes(web1.mac));

  assert.equal(await network.requestLease('52:54:00:aa:bb:11'), web1.ip);
});

test('a broken or half-written file keeps its last good version and harms no other', { skip }, async () => {
  await using stack = await startStack();
  const { network, vmsDir, watcherLog } = stack;
  await saveVm(vmsDir, web1);
  await eventually('web1 is known', async () => (await network.lookUp('web1.pvmlab.local')).length > 0);

  await writeFile(join(vmsDir, 'web1.json'), vmJson(web1).slice(0, 40));
  await writeFile(join(vmsDir, 'never.json'), '{');
  await saveVm(vmsDir, web2);
  await eventually('web2 is known', async () => (await network.lookUp('web2.pvmlab.local')).length > 0);

  assert.deepEqual(await network.lookUp('web1.pvmlab.local'), [web1.ip]);
  assert.equal(await network.requestLease(web1.mac), web1.ip);
  assert.equal(watcherLog().match(/its last good version stays in force file=web1\.json/g)?.length, 1, watcherLog());
  assert.equal(watcherLog().match(/is not in force file=never\.json/g)?.length, 1, watcherLog());

  await stack.stopWatcher();
  await stack.startWatcher();
  assert.equal(
    await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8'),
    `${web1.mac},${web1.ip},web1.pvmlab.local\n${web2.mac},${web2.ip},web2.pvmlab.local\n`,
  );

  await saveVm(vmsDir, web1);
  await eventually('it is said to be good', () => watcherLog().includes('vm file good again file=web1.json'));
});

test('of two VMs with one address DHCP, DNS and HTTP have the same one: who had it', { skip }, async () => {
  await using stack = await startStack();
  const { network, vmsDir } = stack;
  await saveVm(vmsDir, web2);
  await eventually('web2 is known', async () => (await network.lookUp('web2.pvmlab.local')).length > 0);

  await saveVm(vmsDir, { ...web1, ip: web2.ip });
  await saveVm(vmsDir, { name: 'server', mac: '52:54:00:aa:bb:0f', ip: '192.168.105.1' });
  await eventually('both losers are named', () => stack.watcherLog().match(/is not in force file=/g)?.length === 2);

  assert.match(stack.watcherLog(), /file=web1\.json fault=".*\/ip .*is already held by web2\.json; change/);
  assert.match(
    stack.watcherLog(),
    /file=server\.json fault=".*\/ip .*is the provisioner's own address; choose another/,
  );
  assert.equal(await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8'), `${web2.mac},${web2.ip},web2.pvmlab.local\n`);
  assert.deepEqual(await network.lookUp('web1.pvmlab.local'), []);
  assert.equal(await network.requestLease(web2.mac), web2.ip);
  assert.match((await network.requestLease(web1.mac)) ?? 'none', /^192\.168\.105\.1\d\d$/);
  const published = parsePublishedState(await readFile(join(stack.outDir, 'vms.json'), 'utf8'));
  assert.ok(published.ok);
  const index = indexState(published.value);
  assert.equal(index.byMac.get(web2.mac)?.definition.ip, web2.ip);
  assert.equal(index.byMac.get(web1.mac), undefined);
});

test(
  'file names and values full of line breaks and metacharacters never reach a generated file',
  { skip },
  async () => {
    await using stack = await startStack();
    const hostile = [
      ['x\n52:54:00:00:00:99,evil.json', { name: 'x\n52:54:00:00:00:99,evil', mac: '52:54:00:aa:bb:07' }],
      ['$(reboot).json', { name: '$(reboot)', mac: '52:54:00:aa:bb:08' }],
      ['ip.json', { name: 'ip', mac: '52:54:00:aa:bb:09', ip: '10.0.0.1\n10.0.0.2 evil' }],
      ['mac.json', { name: 'mac', mac: '52:54:00:aa:bb:0a,10.0.0.3' }],
      ['up.json', { name: '../up', mac: '52:54:00:aa:bb:0b' }],
    ] as const;

    for (const [file, vm] of hostile) await writeFile(join(stack.vmsDir, file), vmJson(vm));
    await saveVm(stack.vmsDir, web1);
    await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).length > 0);

    assert.equal(
      await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8'),
      `${web1.mac},${web1.ip},web1.pvmlab.local\n`,
    );
    assert.equal(await readFile(join(stack.outDir, 'dns-hosts'), 'utf8'), `${web1.ip} web1.pvmlab.local web1\n`);
    const lines = stack.watcherLog().trimEnd().split('\n');
    assert.deepEqual(
      lines.filter((line) => !/^\S+Z (?:info|warn) vm_watcher /.test(line)),
      [],
    );
  },
);

test('what is no plain readable file is named, hangs nothing and shows nothing of the system', { skip }, async () => {
  await using stack = await startStack();
  const at = (file: string) => join(stack.vmsDir, file);
  await run('mkfifo', [at('fifo.json')], { timeoutMs: 5000 });
  await symlink('/etc/hostname', at('out.json'));
  await symlink('/dev/zero', at('zero.json'));
  await symlink('loop.json', at('loop.json'));
  await mkdir(at('folder.json'));
  await writeFile(at('secret.json'), vmJson({ ...web2, name: 'secret' }), { mode: 0 });
  await writeFile(at('huge.json'), Buffer.alloc(10_000_000, 0x5b));
  await writeFile(at('deep.json'), '['.repeat(500_000));
  await writeFile(at('utf8.json'), Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]));
  await writeFile(at('web1.json'), `\uFEFF${vmJson(web1)}`);
  await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).length > 0);
  await eventually('all are named', () => stack.watcherLog().match(/is not in force file=/g)?.length === 9);

  const reasons = [...stack.watcherLog().matchAll(/file=(\w+)\.json fault="(?:\w+\.json[^:]*: )?([^;]{0,60})/g)]
    .map(([, file, reason]) => `${file} ${reason}`)
    .sort();
  assert.deepEqual(
    reasons.map((reason) => reason.replace(/ELOOP.*|EACCES.*|at position.*/, '…')),
    [
      'deep is not JSON: line 1, column 500001: the end of the text, and',
      'fifo is not a regular file',
      'folder is not a regular file',
      'huge is larger than 1048576 bytes',
      'loop cannot be read (…',
      'out is a symbolic link that leads out of the vms directory',
      'secret cannot be read (…',
      'utf8 is not valid UTF-8: line 1',
      'zero is a symbolic link that leads out of the vms directory',
    ],
  );
  assert.match(stack.watcherLog(), /fault="secret\.json: cannot be read \(EACCES[^;]*; let everybody read it/);
  assert.equal(await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8'), `${web1.mac},${web1.ip},web1.pvmlab.local\n`);
});

test('a VM removed while vm_watcher was down loses its lease at the next start', { skip }, async () => {
  await using stack = await startStack();
  await saveVm(stack.vmsDir, web1);
  await eventually('dnsmasq has it', async () => (await stack.network.lookUp('web1.pvmlab.local')).length > 0);
  assert.equal(await stack.network.requestLease(web1.mac), web1.ip);

  await stack.stopWatcher();
  await rm(join(stack.vmsDir, 'web1.json'));
  await stack.startWatcher();

  await eventually('its lease is gone', async () => !(await readFile(stack.leasesFile, 'utf8')).includes(web1.mac));
  await eventually('it is said', () =>
    stack.watcherLog().includes('lease released mac=52:54:00:aa:bb:01 ip=192.168.105.20'),
  );
});

test('dnsmasq may start later or again; what was saved meanwhile is there', { skip }, async () => {
  await using stack = await startStack({ withDnsmasq: false });
  await saveVm(stack.vmsDir, web1);
  await eventually('it is written', async () => (await readFile(join(stack.outDir, 'dhcp-hosts'), 'utf8')) !== '');

  await stack.startDnsmasq();
  assert.deepEqual(await stack.network.lookUp('web1.pvmlab.local'), [web1.ip]);

  await stack.stopDnsmasq();
  await saveVm(stack.vmsDir, web2);
  await stack.startDnsmasq();
  await eventually('web2 is known', async () => (await stack.network.lookUp('web2.pvmlab.local')).length > 0);
});

test('equal content is not written again and dnsmasq is left alone', { skip }, async () => {
  await using stack = await startStack();
  await saveVm(stack.vmsDir, web1);
  await eventually('web1 is known', async () => (await stack.network.lookUp('web1.pvmlab.local')).length > 0);
  const before = stack.dnsmasqLog().match(/read .*dhcp-hosts/g)?.length;

  await saveVmByRename(stack.vmsDir, web1);
  await saveVm(stack.vmsDir, { ...web2, name: 'web9', mac: 'not a mac' });
  await eventually('the fault is said', () => stack.watcherLog().includes('web9.json'));

  assert.equal(stack.dnsmasqLog().match(/read .*dhcp-hosts/g)?.length, before);
});

test('a finding is logged once, and again only when it has gone and come back', { skip }, async () => {
  await using stack = await startStack();
  const file = join(stack.vmsDir, 'web1.json');
  const findings = () =>
    stack.watcherLog().match(/ lint finding file=web1\.json rule=misspelt-field finding=/g)?.length;
  const saved = async (fields: Record<string, unknown>, ip: string) => {
    await writeFile(file, JSON.stringify({ ...(JSON.parse(vmJson({ ...web1, ip })) as object), ...fields }));
    await eventually(`${ip} is in force`, async () => (await stack.network.lookUp('web1'))[0] === ip);
  };

  await saved({ pxebot: true }, '192.168.105.20');
  await eventually('it is said', () => findings() === 1);
  await saved({ pxebot: true }, '192.168.105.21');
  assert.equal(findings(), 1);
  await saved({}, '192.168.105.22');
  await saved({ pxebot: true }, '192.168.105.23');

  await eventually('it is said again', () => findings() === 2);
});
