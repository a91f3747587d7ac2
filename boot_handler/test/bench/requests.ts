/** Measures /ipxe requests per second with wrk (1 thread, 8 connections): requests.ts [DEFINITIONS…]
 * The handler runs on core 0, wrk on core 1. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { formatPublishedState } from '@pxeboot/config/contract/published-state';
import { resolve } from '@pxeboot/config/definitions/resolve';
import { run } from '@pxeboot/config/host/run';
import { scanDefinitions } from '@pxeboot/config/definitions/read/scan';

import { definitionJson, saveImage, templatesDir } from '../support/running-handler.ts';

const port = 18_099;
const main = join(import.meta.dirname, '../../src/main.ts');

async function measure(count: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'boot-handler-bench-'));
  const [vms, images, state] = [join(directory, 'vms'), join(directory, 'images'), join(directory, 'vms.json')];
  await mkdir(vms);
  await saveImage(images);
  for (let n = 0; n < count; n++) {
    const [name, mac, ip] = [`vm${n}`, macOf(n), `10.0.${n >> 8}.${n & 255}`];
    await writeFile(join(vms, `${name}.json`), definitionJson({ name, mac, ip, subnet: '10.0.0.0/16' }));
  }
  await writeFile(state, formatPublishedState(resolve(undefined, await scanDefinitions(vms, undefined), new Date())));

  const options = [
    '--vms',
    vms,
    '--images',
    images,
    '--state',
    state,
    '--templates',
    templatesDir,
    '--listen',
    String(port),
  ];
  const child = spawn('taskset', ['-c', '0', process.execPath, main, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdout.pipe(createWriteStream(join(directory, 'log')));
  const url = `http://127.0.0.1:${port}/ipxe?mac=${macOf(0)}`;
  const rates: number[] = [];
  for (let round = 0; round < 4; round++) {
    const { stdout } = await run('taskset', ['-c', '1', 'wrk', '-t1', '-c8', '-d3', url], { timeoutMs: 30_000 });
    if (stdout.includes('Non-2xx')) throw new Error(stdout);
    rates.push(Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1]));
  }
  child.kill('SIGTERM');
  await once(child, 'exit');
  await rm(directory, { recursive: true });
  // The first round warms up.
  console.log(`${count} definitions: ${rates.slice(1).map(Math.round).join(', ')} requests/s`);
}

function macOf(n: number): string {
  const hex = n.toString(16).padStart(6, '0');
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [1, 100, 1000, 10_000]) await measure(count);
