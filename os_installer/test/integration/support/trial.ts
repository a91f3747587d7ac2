import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

import type { Disk } from '@pxeboot/config/contract/hardware-facts';
import type { InstallerConfig } from '@pxeboot/config/contract/installer-config';
import type { StatusEvent } from '@pxeboot/config/contract/status-event';
import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';
import { needs } from '@pxeboot/config/test/support/requirements';

import type { Probes } from '../../../src/install.ts';
import { install } from '../../../src/install.ts';
import type { InstalledSystem } from '../../../src/plan/marker.ts';
import { probeDisk } from '../../../src/probe/hardware.ts';
import { config, hardware } from '../../unit/sample-machine.ts';
import { installationInto } from './installation.ts';
import { loopDevice } from './loop-device.ts';
import { serve } from './web-server.ts';

export const requirements = needs('losetup', 'sfdisk', 'partx', 'mkfs.fat', 'mkfs.ext4', 'mount', 'tar', 'gzip', 'cmp');
const timeoutMs = 60_000;

export interface Trial {
  device: string;
  /** What happened, in order: requests, and the installer's log lines. */
  events: string[];
  printed: string[];
  reported: StatusEvent[];
  /** Plans for the shell. */
  saved: string[];
  /** What is suggested after a failure. */
  next: string[][];
  install(planOnly?: boolean): Promise<unknown>;
}

export interface Given {
  config?: Partial<InstallerConfig>;
  /** Answers instead of files. */
  files?: Record<string, { status: number; text: string }>;
  /** What the server has of the tarball that SHA256SUMS lists. */
  damage?: (tarball: Buffer) => Buffer;
  /** Statuses with which the first reports are answered; then 204. */
  statusAnswers?: number[];
  /** What is found on the disk. */
  installed?: Omit<InstalledSystem, 'disk'>[];
  /** Next to the loop device. */
  otherDisks?: Disk[];
  /** In place of the machine's own. */
  probes?: Partial<Probes>;
}

/** A whole installation onto a loop device, from a real server; the tarball holds no more of a system than its os-release, so that it ends there. */
export async function trial(context: TestContext, given: Given = {}): Promise<Trial> {
  const directory = await mkdtemp(join(tmpdir(), 'install-'));
  context.after(() => rm(directory, { recursive: true }));
  const device = await loopDevice(context);
  const events: string[] = [];
  const printed: string[] = [];
  const reported: StatusEvent[] = [];
  const saved: string[] = [];
  const next: string[][] = [];
  await mkdir(join(directory, 'root/etc'), { recursive: true });
  await mkdir(join(directory, 'root/srv'));
  await writeFile(join(directory, 'root/etc/os-release'), 'ID=debian\n');
  // More than is looked at before the first step.
  await writeFile(join(directory, 'root/srv/data'), randomBytes(1_500_000));
  const tarball = join(directory, 'tar');
  await run('tar', ['-czf', tarball, '-C', join(directory, 'root'), '.'], { timeoutMs });
  const original = await readFile(tarball);
  const packed = given.damage?.(original) ?? original;
  const sums = `${createHash('sha256').update(original).digest('hex')}  rootfs.tar.gz\n`;
  const url = await serve(context, (request, response) => {
    const path = request.url ?? '';
    if (path === '/status') {
      void text(request).then((body) => {
        const status = given.statusAnswers?.shift() ?? 204;
        if (status === 204) reported.push(JSON.parse(body) as StatusEvent);
        response.writeHead(status).end();
      });
      return;
    }
    events.push(`${request.method ?? ''} ${path}`);
    const configured = { ...config, ...urls(url), status_url: `${url}/status`, ...given.config };
    const own: Record<string, { status: number; text: string }> = {
      '/config': { status: 200, text: JSON.stringify(configured) },
      '/SHA256SUMS': given.damage === undefined ? { status: 404, text: '' } : { status: 200, text: sums },
    };
    const { status, text: body } = { status: 200, text: packed, ...own[path], ...given.files?.[path] };
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), etag: '"1"' });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  const cmdline = join(directory, 'cmdline');
  await writeFile(cmdline, `config_url=${url}/config`);
  const disk = await probeDisk(device.replace('/dev/', ''), new Map());
  const { settleDevices } = installationInto('');
  const probes: Probes = {
    bringUpNetwork: () => Promise.resolve(),
    probeHardware: () =>
      Promise.resolve(hardware([...(disk === undefined ? [] : [disk]), ...(given.otherDisks ?? [])])),
    findInstalled: () => Promise.resolve([...(given.installed ?? [])].map((system) => ({ ...system, disk: device }))),
    requireFileSystems: () => Promise.resolve(),
    ...given.probes,
  };
  const log = createLog('test', (line) => events.push(line));
  const target = join(directory, 'target');
  return {
    device,
    events,
    printed,
    reported,
    saved,
    next,
    install: (planOnly = false) =>
      install({
        ...{ cmdline, target, planOnly, log, probes, settleDevices },
        print: (text) => printed.push(text),
        savePlan: (text) => saved.push(text),
        failed: (commands) => next.push(commands),
      }),
  };
}

function urls(base: string): Pick<InstallerConfig, 'rootfs_url' | 'kernel_url' | 'kmods_url' | 'cloud_init_url'> {
  const [rootfs_url, kernel_url] = [`${base}/rootfs.tar.gz`, `${base}/vmlinuz-1-a`];
  return { rootfs_url, kernel_url, kmods_url: `${base}/modules.cpio.gz`, cloud_init_url: base };
}

/** The beginning and the end, where tables and signatures lie. */
export async function isUntouched(device: string): Promise<boolean> {
  const { stdout } = await run('sh', ['-c', 'head -c 4194304 "$0"; tail -c 4194304 "$0"', device], { timeoutMs });
  return (
    createHash('sha256').update(stdout).digest('hex') ===
    createHash('sha256').update('\0'.repeat(8388608)).digest('hex')
  );
}
