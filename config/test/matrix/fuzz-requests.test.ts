// A hundred thousand requests that somebody on the private network may send, to the real nginx before the real boot_handler.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { nginxPrograms, runNginx } from '../integration/container/support/running-nginx.ts';
import type { RunningNginx } from '../integration/container/support/running-nginx.ts';
import { fuzzSettings } from '../support/fuzz/fuzz-settings.ts';
import type { Conversation } from '../support/fuzz/http-requests.ts';
import { conversation } from '../support/fuzz/http-requests.ts';
import { needs } from '../support/requirements.ts';
import { completeImage } from '../support/sample-image.ts';
import { sampleKey } from '../support/sample-vm.ts';
import { createLogChecker } from './support/check-log-lines.ts';

const { skip } = needs(...nginxPrograms);
const { seed, count } = fuzzSettings('requests');
const server = '10.77.0.1';
/** The first one is the address of all VMs but web2. */
const clients = ['10.77.0.50', '10.77.0.51', '10.77.0.52', '10.77.0.53'];
const conversations = 150;
/** That are answered, at least, on average: some end their connection before those behind them are read. */
const answeredEach = 4.5;
const mostMemoryMiB = 400;

const outside = 'content-of-a-file-outside-the-images';
const vms = Array.from({ length: 60 }, (_, n) => `web${n + 1}`);
const macOf = (name: string): string => `52:54:00:00:00:${Number(name.slice(3)).toString(16).padStart(2, '0')}`;
const files = [
  '',
  'debian-12/',
  'debian-12/x86_64/',
  ...completeImage.map((name) => `debian-12/x86_64/${name}`),
  'inside',
  'outside',
  'outside-directory/secret.txt',
  '.hidden/x',
  'loop',
  'named ü/x',
];
const names = {
  vms: [...vms, 'WEB1', 'nobody', '..', '%2e%2e'],
  macs: [
    ...vms.map(macOf),
    ...vms.map(macOf),
    // One of them reports more than is taken.
    ...Array.from({ length: 40 }, () => macOf('web1')),
    '52-54-00-00-00-02',
    '525400000002',
    '52:54:00:00:00:ff',
    'x',
    '00:00:00:00:00:00',
    '01-52-54-00-00-00-02',
  ],
  files,
};
/** What only web2 may read, and an admin. */
const ofWeb2 = /fqdn: "web2\.|instance-id: "web2-|macaddress: "52:54:00:00:00:02"|"cloud_init_url": ?"[^"]*\/web2"/;

let nginx: RunningNginx;
before(async () => {
  if (skip !== false) return;
  nginx = await runNginx({
    address: server,
    prefixLength: 24,
    clients: clients.map((client) => `${client}/24`),
    connections: 4096,
  });
  layOut(nginx.directory);
});
after(async () => {
  if (skip === false) await nginx.stop();
});

function layOut(directory: string): void {
  const images = join(directory, 'www/images');
  const image = join(images, 'debian-12/x86_64');
  mkdirSync(image, { recursive: true });
  for (const name of completeImage) writeFileSync(join(image, name), Buffer.from(`\x1f\x8b of ${name}`, 'latin1'));
  for (const place of ['secret.txt', 'www/secret.txt']) writeFileSync(join(directory, place), outside);
  mkdirSync(join(images, '.hidden'));
  writeFileSync(join(images, '.hidden/x'), outside);
  mkdirSync(join(images, 'named ü'));
  writeFileSync(join(images, 'named ü/x'), 'a file');
  symlinkSync('debian-12/x86_64/rootfs.tar.gz', join(images, 'inside'));
  symlinkSync('../../secret.txt', join(images, 'outside'));
  symlinkSync('../..', join(images, 'outside-directory'));
  symlinkSync('loop', join(images, 'loop'));
  for (const name of vms) {
    const vm = {
      name,
      arch: 'x86_64',
      mac: macOf(name),
      pxeboot: name !== 'web3',
      distro: name === 'web4' ? 'none' : 'debian-12',
      ssh_key: sampleKey,
    };
    writeFileSync(join(directory, 'vms', `${name}.json`), JSON.stringify(vm));
  }
  writeFileSync(join(directory, 'vms/broken.json'), '{"name": "\u202e');
  const leases = vms
    .filter((name) => name !== 'web2')
    .map((name) => `2000000000 ${macOf(name)} ${clients[0] ?? ''} ${name} *\n`);
  writeFileSync(join(directory, 'dnsmasq.leases'), leases.join(''));
}

test(
  'whatever is asked is answered, and neither service falls, grows or shows what it must not',
  { skip },
  async () => {
    const last = `GET /healthz HTTP/1.1\r\nHost: ${server}\r\nConnection: close\r\n\r\n`;
    const [program, ...words] = [
      ...nginx.inside,
      process.execPath,
      join(import.meta.dirname, 'support/converse.mjs'),
      server,
      '80',
    ];
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const checkLogs = createLogChecker(nginx.directory);
    const workers = workersOf(nginx.pids.nginx);
    const seen = new Map<string, number>();
    const note = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
    let sent = 0;
    let answered = 0;
    /** Of boot_handler, before and after each batch. */
    const memory = [memoryMiB(nginx.pids.handler)];

    const batch = fc.array(fc.option(conversation(names, clients.length), { freq: 500, nil: undefined }), {
      minLength: conversations,
      maxLength: conversations,
    });
    const property = fc.asyncProperty(batch, async (given) => {
      const held = given.filter((one): one is Conversation => one !== undefined);
      const asked = held.map(({ client, requests, end }) => [
        clients[client],
        Buffer.concat([...requests, Buffer.from(end === 'answered' ? last : '')]).toString('base64'),
        end,
      ]);
      child.stdin.write(`${JSON.stringify(asked)}\n`);
      const answers = JSON.parse(String((await lines.next()).value)) as [string, string][];
      assert.equal(answers.length, held.length);
      sent += held.reduce((sum, { requests }) => sum + requests.length, 0);
      for (const [index, [bytes, how]] of answers.entries()) {
        note(how);
        const said = () => Buffer.concat(held[index]?.requests ?? []).toString('latin1');
        assert.notEqual(how, 'hung', `no end of the answers to ${JSON.stringify(said().slice(0, 6000))}`);
        const text = Buffer.from(bytes, 'base64').toString('latin1');
        const statuses = [...text.matchAll(/^HTTP\/1\.[01] ([2-5]\d\d) /gm)].map(([, status = '']) => status);
        answered += Math.min(statuses.length, held[index]?.requests.length ?? 0);
        for (const status of statuses) {
          note(status);
          assert.ok(!/^50[0234]$/.test(status), `${text.slice(-2000)} for ${JSON.stringify(said().slice(0, 6000))}`);
        }
        if (text.includes('fqdn: "web')) note('a seed');
        if (text.includes('"status_token"')) note('a configuration');
        if (text.includes('for web2') || text.includes('of "web2"')) note('a refusal');
        assert.ok(!text.includes(outside), text);
        assert.doesNotMatch(text, ofWeb2);
        if (held[index]?.client !== 0) assert.doesNotMatch(text, /"status_token"|fqdn: "web/);
      }
      checkLogs();
      memory.push(memoryMiB(nginx.pids.handler));
    });
    try {
      await fc.assert(property, {
        seed,
        endOnFailure: true,
        numRuns: Math.ceil(count / (conversations * answeredEach)),
      });
    } finally {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    }

    console.log(
      `fuzz requests: ${sent} sent, ${answered} answered, ${JSON.stringify(Object.fromEntries([...seen].sort()))}`,
    );
    const mostMiB = Math.max(...memory);
    const quarter = Math.ceil(memory.length / 4);
    const quarters = [0, 1, 2, 3].map((n) => Math.max(0, ...memory.slice(n * quarter, (n + 1) * quarter)));
    console.log(
      `fuzz requests: boot_handler had ${memory[0] ?? 0} MiB before, then in each quarter ${quarters.join(', ')} at most`,
    );
    assert.ok(answered >= count, `${answered} requests were answered`);
    for (const what of [
      '200',
      '204',
      '400',
      '403',
      '404',
      '405',
      '409',
      '413',
      // A VM's reports are refused when there are hundreds.
      ...(count < 50_000 ? [] : ['429']),
      'a seed',
      'a configuration',
      'a refusal',
    ])
      assert.ok((seen.get(what) ?? 0) > 0, `no request led to ${what}`);
    assert.ok(mostMiB < mostMemoryMiB, `boot_handler took ${mostMiB} MiB`);
    assert.deepEqual(workersOf(nginx.pids.nginx), workers);
    assert.match(await nginx.ask('/healthz'), /^HTTP\/1\.1 200 /);
    assert.ok(memoryMiB(nginx.pids.handler) > 0);
  },
);

function workersOf(master: number): string {
  return readFileSync(`/proc/${master}/task/${master}/children`, 'utf8');
}

function memoryMiB(pid: number): number {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024);
}
