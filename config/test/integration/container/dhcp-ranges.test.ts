import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { dnsmasqContext } from '../../../container/decide/contexts.ts';
import { run } from '../../../host/run.ts';
import { compileTemplate } from '../../../kit/render.ts';
import { needs } from '../../support/requirements.ts';

const { skip } = needs('dnsmasq', 'ip', 'nsenter');
const namespace = `ranges-${process.pid.toString(36)}`;
const place = { interface: 'pxe0', address: '10.1.0.1', prefixLength: 16 };
let directory: string;

before(async () => {
  if (skip !== false) return;
  directory = await mkdtemp(join(tmpdir(), 'ranges-'));
  await run('ip', ['netns', 'add', namespace], { timeoutMs: 5000 });
  for (const words of [
    ['link', 'add', 'pxe0', 'type', 'bridge'],
    ['address', 'add', '10.1.0.1/16', 'dev', 'pxe0'],
    ['address', 'add', 'fd00:105::1/64', 'dev', 'pxe0', 'nodad'],
    ['link', 'set', 'pxe0', 'up'],
  ])
    await run('ip', ['-n', namespace, ...words], { timeoutMs: 5000 });
});

after(async () => {
  if (skip !== false) return;
  await run('ip', ['netns', 'del', namespace], { timeoutMs: 5000 });
  await rm(directory, { recursive: true });
});

/** What dnsmasq says of its start with these ranges, until it serves. */
async function startOf(start: string, end: string, rangeV6: { start: string; end: string }): Promise<string[]> {
  const environment = {
    provisionerIp: place.address,
    dhcpRangeStart: start,
    dhcpRangeEnd: end,
    vmsWatch: 'auto' as const,
  };
  const file = (name: string) => join(directory, name);
  const context = {
    ...dnsmasqContext({ ...environment, dhcpRangeV6: rangeV6 }, place),
    resolvFile: file('resolv.conf'),
    pidFile: file('pid'),
    leaseFile: file('leases'),
    dhcpHosts: file('dhcp-hosts'),
    dnsHosts: file('dns-hosts'),
    tftpRoot: directory,
  };
  for (const name of ['dhcp-hosts', 'dns-hosts', 'leases', 'resolv.conf']) await writeFile(file(name), '');
  const source = await readFile(new URL('../../../container/templates/dnsmasq.conf.hbs', import.meta.url), 'utf8');
  const text = compileTemplate('dnsmasq.conf', source)(context).replace('user=dnsmasq', 'user=root');
  await writeFile(file('dnsmasq.conf'), text);
  const words = [
    `--net=/run/netns/${namespace}`,
    '--',
    'dnsmasq',
    '--keep-in-foreground',
    `--conf-file=${file('dnsmasq.conf')}`,
  ];
  const child = spawn('nsenter', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let log = '';
  for await (const chunk of child.stderr) {
    log += String(chunk);
    // The last thing that it does before it serves.
    if (/read .*dhcp-hosts/.test(log)) break;
  }
  child.kill('SIGTERM');
  await ended;
  return log.split('\n').map((line) => line.replace(/^dnsmasq[\w-]*\[\d+\]: /, ''));
}

/** How many addresses; the range of them, its parts. */
const ranges: [count: number, end: string, defined: string, everybody: string][] = [
  [1, '10.1.1.0', '10.1.1.0 -- 10.1.1.0', ''],
  [2, '10.1.1.1', '10.1.1.0 -- 10.1.1.0', '10.1.1.1 -- 10.1.1.1'],
  [3, '10.1.1.2', '10.1.1.0 -- 10.1.1.1', '10.1.1.2 -- 10.1.1.2'],
  [4, '10.1.1.3', '10.1.1.0 -- 10.1.1.2', '10.1.1.3 -- 10.1.1.3'],
  [101, '10.1.1.100', '10.1.1.0 -- 10.1.1.75', '10.1.1.76 -- 10.1.1.100'],
  [65_279, '10.1.255.254', '10.1.1.0 -- 10.1.239.254', '10.1.239.255 -- 10.1.255.254'],
];

for (const [count, end, defined, everybody] of ranges) {
  test(`dnsmasq takes a range of ${count} without a word of warning`, { skip }, async () => {
    const lines = await startOf('10.1.1.0', end, { start: '::1', end: `::${count.toString(16)}` });

    const said = lines.filter((line) => line.startsWith('DHCP, IP range')).toSorted();
    const expected = [`${defined}, lease time 1h`, ...(everybody === '' ? [] : [`${everybody}, lease time 1h`])];
    assert.deepEqual(said, expected.map((range) => `DHCP, IP range ${range}`).toSorted());
    const constructed = lines.filter((line) => line.endsWith('constructed for pxe0'));
    assert.equal(constructed.length, everybody === '' ? 1 : 2, lines.join('\n'));
    const usual = /^(?:started|compile time|DHCP|using|read|no servers|cleared|TFTP|$)/;
    assert.deepEqual(
      lines.filter((line) => !usual.test(line)),
      [],
    );
  });
}
