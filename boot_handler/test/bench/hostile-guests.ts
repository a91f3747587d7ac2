/** What hostile reports of a guest cost: processor time and memory of boot_handler, in a new process for each kind of report.
 *   node boot_handler/test/bench/hostile-guests.ts
 * Each report is sent; then everything that shows the VM is asked for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { Disk } from '@pxeboot/config/contract/hardware-facts';

import { saveDefinition, saveImage, templatesDir } from '../support/running-handler.ts';

const port = 18_098;
const url = `http://127.0.0.1:${port}`;
const main = join(import.meta.dirname, '../../src/main.ts');
const bodyBytes = 64 * 1024;
/** Linux counts processor time in hundredths of a second (proc_pid_stat(5), getconf CLK_TCK). */
const msPerTick = 10;

interface Hostile {
  what: string;
  times?: number;
  body(n: number): string;
}

function event(fields: object): string {
  return JSON.stringify({ seq: 1, at: 'now', step: 'prepare', state: 'progress', ...fields });
}

/** As many of a list's items as a body holds. */
function full(start: string, item: (n: number) => string, end: string): string {
  const items: string[] = [];
  let length = start.length + end.length;
  for (let n = 0; ; n++) {
    const next = item(n);
    if ((length += next.length + 1) > bodyBytes) return `${start}${items.join(',')}${end}`;
    items.push(next);
  }
}

const machine = '"uefi":true,"memoryBytes":1073741824,"availableMemoryBytes":1073741824,"kernelRelease":"6"';
const smallestDisk: Disk = {
  ...{ name: 'a', path: '/dev/', links: [], sizeBytes: 0, logicalSectorBytes: 0, transport: 'usb', removable: true },
  ...{ readOnly: true, model: '', serial: '', wwn: '', uses: [] },
};
const begin = '{"seq":1,"at":"now","step":"prepare","state":"progress"';
const bodies: Hostile[] = [
  { what: 'an honest event', body: () => event({}) },
  {
    what: 'facts 4,000 deep, with 28,000 zeros',
    body: () => `${begin},"facts":{"a":${'['.repeat(4_000)}${'0,'.repeat(27_999)}0${']'.repeat(4_000)}}}`,
  },
  {
    what: 'facts as deep as a body is long',
    body: () => `${begin},"facts":${'{"a":'.repeat(10_000)}0${'}'.repeat(10_001)}`,
  },
  { what: 'a disk {} as often as it fits', body: () => full(`${begin},"facts":{"disks":[`, () => '{}', ']}}') },
  {
    what: 'disks as many as fit, all valid',
    body: () => full(`${begin},"facts":{${machine},"disks":[`, () => JSON.stringify(smallestDisk), ']}}'),
  },
  { what: 'unknown fields as many as fit', body: () => full(`${begin},`, (n) => `"${n.toString(36)}":0`, '}') },
  { what: 'an unknown field with a long name', body: () => `${begin},"${'\\u0001'.repeat(10_000)}":0}` },
  { what: 'a number 32,000 lists deep', body: () => `{"seq":${'['.repeat(32_000)}${']'.repeat(32_000)}}` },
  {
    what: 'the longest messages, of control characters',
    times: 64,
    body: (n) => event({ seq: n + 1, state: 'failed', message: '\u0001'.repeat(4096), step: '\u0001'.repeat(120) }),
  },
];

/** Milliseconds of the process so far, and the most memory it ever had, in MiB. */
function used(pid: number): { cpuMs: number; peakMiB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick, peakMiB: Math.round(Number(peak) / 1024) };
}

async function ask(path: string, init?: RequestInit): Promise<{ status: number; bytes: number }> {
  const response = await fetch(`${url}${path}`, init);
  return { status: response.status, bytes: Buffer.byteLength(await response.text()) };
}

async function measure({ what, times = 1, body }: Hostile): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'boot-handler-bench-'));
  const [vms, images] = [join(directory, 'vms'), join(directory, 'images')];
  await mkdir(vms);
  await saveDefinition(vms);
  await saveImage(images);
  await writeFile(join(images, 'debian-12/x86_64/rootfs.tar.gz'), 'not read');
  const options = ['--vms', vms, '--images', images, '--state', join(directory, 'none'), '--templates', templatesDir];
  const child = spawn(
    process.execPath,
    [main, ...options, '--listen', String(port), '--status-key', join(directory, 'status.key')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(child.stdout, 'data');
  const log = text(child.stdout);
  await ask('/api/vms/web1');
  const before = used(child.pid ?? 0);
  let posted = { status: 0, bytes: 0 };
  for (let n = 0; n < times; n++) {
    posted = await ask('/status/52:54:00:aa:bb:01', { method: 'POST', body: body(n) });
  }
  const afterPost = used(child.pid ?? 0);
  // In turn: the process would do them one by one all the same.
  const shown = [await ask('/api/vms'), await ask('/api/vms/web1'), await ask('/api/vms/web1/plan')];
  const afterShown = used(child.pid ?? 0);
  child.kill('SIGTERM');
  const longest = Math.max(...(await log).split('\n').map((line) => line.length));
  await rm(directory, { recursive: true });
  console.log(
    `${what}: ${posted.status} (${posted.bytes} bytes), ${afterPost.cpuMs - before.cpuMs} ms; shown in ` +
      `${shown.map(({ bytes }) => bytes).join(', ')} bytes, ${afterShown.cpuMs - afterPost.cpuMs} ms; ` +
      `memory ${before.peakMiB} to ${afterShown.peakMiB} MiB; longest line of the log ${longest}`,
  );
}

for (const hostile of bodies) await measure(hostile);
