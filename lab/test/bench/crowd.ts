/* Many VMs that are powered on at the same time, before the container as pvmlab starts it:
 *   make bench-crowd        (as root)
 * Real DHCP, TFTP and HTTP from a network namespace; the kernel, and what a machine loads after it, is left out. Printed for
 * docs/benchmarks.md; nothing is judged. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { macsFrom } from '@pxeboot/config/test/support/dhcp-packets';

import { buildImage } from '../../src/debian-image.ts';
import { provisionerIp } from '../../src/decide/settings.ts';
import { beginRun } from '../../testing/report/test-machine.ts';
import { describeRun } from '../../testing/report/decide/report.ts';
import { waitUntil } from '../../src/wait-until.ts';
import type { Booted } from '../image/support/crowd/boot-crowd.ts';
import type { TestClient } from '../image/support/network.ts';
import type { TestStack } from '../image/support/stack.ts';
import { createTestStack, lab } from '../image/support/stack.ts';

interface Scene {
  what: string;
  vms: number;
  /** Of the firmware, for each block of TFTP. */
  blockMs?: number;
  strangers?: number;
  vanish?: number;
  /** Processes of this machine that take a core each meanwhile. */
  busy?: number;
}

const scenes: readonly Scene[] = [
  { what: '200 VMs', vms: 200 },
  { what: '200 VMs, slow firmware (4 ms a block)', vms: 200, blockMs: 4 },
  { what: '200 VMs, two more processes take both cores', vms: 200, busy: 2 },
  { what: '200 VMs, slow firmware, two more processes', vms: 200, blockMs: 4, busy: 2 },
  { what: '40 VMs', vms: 40 },
  { what: '40 VMs, 20 strangers ask for leases', vms: 40, strangers: 20 },
  { what: '40 VMs, 60 clients of TFTP have vanished', vms: 40, vanish: 60 },
  { what: 'one more VM', vms: 1 },
];
const firstMac = '52:54:00:50:00:01';
const crowdAddress = '192.168.105.250';
/** What only a stack that has stopped answering reaches. */
const hangsMs = 600_000;
const distro = 'debian-12';

/** Host parts of 200 addresses: pvmlab's range of leases is .100 to .199, and half of it is left to strangers. */
const hosts = [...range(2, 98), ...range(200, 50), ...range(100, 52)];

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

async function define(stack: TestStack): Promise<void> {
  const macs = macsFrom(firstMac, hosts.length);
  for (const [index, mac] of macs.entries()) {
    const name = `vm${index}`;
    const ip = `192.168.105.${hosts[index]}`;
    await stack.save(`${name}.json`, { name, role: 'target', arch: 'x86_64', mac, ip, distro, pxeboot: true });
  }
  await waitUntil('every definition is served', hangsMs, async () => {
    const { body } = await stack.get('/api/vms');
    return macs.every((mac) => body.includes(mac));
  });
  await waitUntil('the image is inspected', hangsMs, async () => {
    const { body } = await stack.get('/api/images');
    return body.includes('"inspected"');
  });
}

async function play(crowd: TestClient, scene: Scene): Promise<Booted[]> {
  const busy: ChildProcess[] = [];
  for (const program of Array.from({ length: scene.busy ?? 0 }, () => 'for(;;);')) {
    busy.push(spawn(process.execPath, ['-e', program], { stdio: 'ignore' }));
  }
  try {
    const script = join(import.meta.dirname, '../image/support/crowd/boot-crowd.ts');
    const numbers = { count: scene.vms, 'block-ms': scene.blockMs, strangers: scene.strangers, vanish: scene.vanish };
    const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value ?? 0)]);
    const args = [script, '--server', provisionerIp, '--first', firstMac, ...options];
    const { stdout } = await crowd.run(process.execPath, args, hangsMs);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Booted);
  } finally {
    for (const child of busy) child.kill('SIGKILL');
  }
}

/** The value that so many of a hundred do not exceed. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

function row(what: string, booted: readonly Booted[]): string {
  const ms = (values: readonly number[], percent: number): string => percentile(values, percent).toFixed(0);
  const leases = booted.map(({ dhcpMs }) => dhcpMs);
  const https = booted.map(({ httpMs }) => httpMs);
  const restarts = booted.reduce((sum, { begun }) => sum + begun, 0);
  const last = Math.max(...booted.map(({ seconds }) => seconds)).toFixed(1);
  return `| ${what} | ${last} | ${restarts} | ${ms(leases, 50)} / ${ms(leases, 99)} | ${ms(https, 50)} / ${ms(https, 99)} |`;
}

console.log(describeRun(await beginRun('docs/test-report.md')).join(', '));
const stack = await createTestStack();
try {
  await buildImage(lab, distro, 'x86_64');
  const crowd = await stack.network.addClient('crowd', '52:54:00:00:00:51');
  for (const host of [250, ...hosts]) {
    await crowd.run('ip', ['address', 'add', `192.168.105.${host}/24`, 'dev', 'eth0']);
  }
  await crowd.run('ip', ['route', 'add', 'default', 'via', provisionerIp, 'src', crowdAddress]);
  await stack.startAndWait();
  await define(stack);
  console.log('| what | last VM, s | TFTP begun again | DHCP p50 / p99, ms | HTTP p50 / p99, ms |');
  console.log('|---|---|---|---|---|');
  for (const scene of scenes) console.log(row(scene.what, await play(crowd, scene)));
} finally {
  await stack.dispose();
}
