import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { dnsmasqContext } from '../../../container/decide/contexts.ts';
import type { ResolverFollower } from '../../../container/resolver-file.ts';
import { startResolverFollower } from '../../../container/resolver-file.ts';
import { createLog } from '../../../host/log.ts';
import { run } from '../../../host/run.ts';
import { compileTemplate } from '../../../kit/render.ts';
import { needs } from '../../support/requirements.ts';

const repository = join(import.meta.dirname, '../../../..');
const { skip } = needs('dnsmasq', 'ip', 'nsenter');
const namespace = `dns-${process.pid.toString(36)}`;
const inside = ['nsenter', `--net=/run/netns/${namespace}`, '--'] as const;
const place = { interface: 'pxe0', address: '192.168.105.1', prefixLength: 24 };
const environment = {
  provisionerIp: place.address,
  dhcpRangeStart: '192.168.105.100',
  dhcpRangeEnd: '192.168.105.199',
  vmsWatch: 'auto' as const,
};
const upstream = '127.0.0.53';
const programs: ChildProcess[] = [];
let directory: string;
let given: string;
let log: string[];
let follower: ResolverFollower;

function start(...words: string[]): ChildProcess {
  const [program, ...args] = [...inside, ...words];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  programs.push(child);
  return child;
}

async function ask(name: string, ...more: string[]): Promise<string> {
  const script = join(repository, 'config/test/support/ask-dns.ts');
  const [program, ...words] = [...inside, process.execPath, script, place.address, name, ...more];
  return (await run(program, words, { timeoutMs: 10_000 })).stdout.trim();
}

/** Asks until the answer is this one. */
async function untilAnswered(name: string, expected: RegExp): Promise<void> {
  for (const deadline = performance.now() + 20_000; ;) {
    const answer = await ask(name);
    if (expected.test(answer)) return;
    assert.ok(performance.now() < deadline, `${name}: ${answer}\n${log.join('\n')}`);
    await sleep(50);
  }
}

before(async () => {
  if (skip !== false) return;
  directory = await mkdtemp(join(tmpdir(), 'dns-'));
  await chmod(directory, 0o755);
  given = join(directory, 'given');
  await writeFile(given, '');
  await run('ip', ['netns', 'add', namespace], { timeoutMs: 5000 });
  for (const words of [
    ['link', 'set', 'lo', 'up'],
    ['link', 'add', 'pxe0', 'type', 'bridge'],
    ['address', 'add', '192.168.105.1/24', 'dev', 'pxe0'],
    ['link', 'set', 'pxe0', 'up'],
  ])
    await run('ip', ['-n', namespace, ...words], { timeoutMs: 5000 });
  const stub = start(process.execPath, join(repository, 'config/test/support/resolver-stand-in.ts'), upstream);
  await once(stub.stdout!, 'data');
  log = [];
  await follow();
  const file = (name: string) => join(directory, name);
  const context = {
    ...dnsmasqContext(environment, place),
    resolvFile: file('resolv.conf'),
    pidFile: file('pid'),
    leaseFile: file('leases'),
    dhcpHosts: file('dhcp-hosts'),
    dnsHosts: file('dns-hosts'),
    tftpRoot: directory,
  };
  for (const name of ['dhcp-hosts', 'leases']) await writeFile(file(name), '');
  await writeFile(file('dns-hosts'), '192.168.105.20 web1.pvmlab.local web1\n');
  const source = await readFile(join(repository, 'config/container/templates/dnsmasq.conf.hbs'), 'utf8');
  const text = compileTemplate('dnsmasq.conf', source)(context).replace('user=dnsmasq', 'user=root');
  await writeFile(file('dnsmasq.conf'), text);
  start('dnsmasq', '--keep-in-foreground', `--conf-file=${file('dnsmasq.conf')}`).stdout?.resume();
  await untilAnswered('web1.pvmlab.local', /^NOERROR .*c0a86914$/);
});

after(async () => {
  if (skip !== false) return;
  await follower.stop();
  for (const program of programs) {
    program.kill('SIGTERM');
    if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  }
  await run('ip', ['netns', 'del', namespace], { timeoutMs: 5000 });
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  log = [];
});

async function follow(): Promise<void> {
  const files = { given: [join(directory, 'none'), given], output: join(directory, 'resolv.conf') };
  follower = await startResolverFollower(
    files,
    place.address,
    createLog('entrypoint', (line) => log.push(line)),
    50,
  );
}

const answered = /^NOERROR .*0a010203$/;
const asked = '10-1-2-3.example.org';

test('an empty resolv.conf is no end: once it names a server, names outside are answered', { skip }, async () => {
  await writeFile(given, '# written by a network manager, later\n');
  await untilAnswered(asked, /^REFUSED$/);

  await writeFile(given, `nameserver ${upstream}\n`);

  await untilAnswered(asked, answered);
  assert.match(
    log.join('\n'),
    new RegExp(`info entrypoint names outside the lab are asked of servers=${upstream} from=${given}$`),
  );
});

test('one that is replaced by a rename, or emptied and filled again, is followed', { skip }, async () => {
  await writeFile(`${given}.new`, '');
  await rename(`${given}.new`, given);
  await untilAnswered(asked, /^REFUSED$/);

  await writeFile(`${given}.new`, `search lan\nnameserver ${upstream}\noptions edns0\n`);
  await rename(`${given}.new`, given);

  await untilAnswered(asked, answered);
});

/** At once: a file that is written in place is empty for a moment, which is another reason. */
async function replaceGiven(text: string): Promise<void> {
  await writeFile(`${given}.new`, text);
  await rename(`${given}.new`, given);
}

test('why names outside are not answered is said once, and the names of the lab still are', { skip }, async () => {
  await replaceGiven(`nameserver ${place.address}\n`);

  await untilAnswered(asked, /^REFUSED$/);

  assert.match(await ask('web1.pvmlab.local'), /^NOERROR .*c0a86914$/);
  // Another text with the same meaning is nothing new.
  await replaceGiven(`# edited\nnameserver ${place.address}\n`);
  await replaceGiven(`nameserver ${upstream}\n`);
  await untilAnswered(asked, answered);
  assert.deepEqual(
    log.filter((line) => line.includes('are not answered')).map((line) => line.replace(/^\S+ /, '')),
    [
      `warn entrypoint names outside the lab are not answered reason="${join(directory, 'none')} is not there; ${given} names no server but this stack itself" fix="name a DNS server in a resolv.conf of the container (docker run --dns), which is then read by itself"`,
    ],
  );
});

for (const address of [
  '10.1.2.3',
  '172.16.0.9',
  '192.168.1.50',
  '192.168.105.77',
  '127.0.0.2',
  '100.64.0.1',
  '203.0.113.7',
]) {
  test(`a name of a company's DNS that leads to ${address} is answered`, { skip }, async () => {
    const hex = Buffer.from(address.split('.').map(Number)).toString('hex');
    await writeFile(given, `nameserver ${upstream}\n`);

    await untilAnswered(`${address.replaceAll('.', '-')}.example.org`, new RegExp(`^NOERROR .*${hex}$`));
  });
}

test('nobody is told which dnsmasq this is, which servers it asks and what its cache has seen', { skip }, async () => {
  await writeFile(given, `nameserver ${upstream}\n`);
  await untilAnswered(asked, answered);

  for (const name of ['version.bind', 'servers.bind', 'misses.bind', 'authors.bind', 'copyright.bind', 'hits.bind']) {
    const [txt, chaos] = ['16', '3'];
    assert.match(await ask(name, txt, chaos), /^(?:REFUSED|NXDOMAIN|NOTIMP|NOERROR)$/, name);
  }
});
