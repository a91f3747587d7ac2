import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DnsmasqContext } from '@pxeboot/config/container/decide/contexts';
import { dnsmasqContext } from '@pxeboot/config/container/decide/contexts';
import type { WatchSetting } from '@pxeboot/config/contract/environment';
import { compileTemplate } from '@pxeboot/config/kit/render';

import type { Network } from './guest-network.ts';
import { createNetwork, serverAddress, serverInterface } from './guest-network.ts';
import type { FileSystem } from './mounted-directory.ts';
import { mountDirectory } from './mounted-directory.ts';
import { serviceRights, watcherUser } from './service-rights.ts';

const usualRange = { start: '192.168.105.100', end: '192.168.105.199' };
const repository = join(import.meta.dirname, '../../..');

/** A real dnsmasq with the container's own configuration, and a real vm_watcher, each with the rights it has there. */
export interface RunningStack extends AsyncDisposable {
  network: Network;
  /** Where definitions are saved. */
  vmsDir: string;
  /** Where vm_watcher looks for them: another view of the same on a share. */
  watchedDir: string;
  directory: string;
  outDir: string;
  leasesFile: string;
  /** Everything that vm_watcher wrote so far. */
  watcherLog(): string;
  dnsmasqLog(): string;
  watcherPid(): number;
  startWatcher(): Promise<void>;
  stopWatcher(): Promise<void>;
  /** Ends vm_watcher as the kernel would: it can do nothing more. */
  killWatcher(): Promise<void>;
  startDnsmasq(): Promise<void>;
  stopDnsmasq(): Promise<void>;
}

export interface StackOptions {
  withDnsmasq?: boolean;
  fileSystem?: FileSystem;
  watch?: WatchSetting;
  /** Ends of the dynamic range. */
  range?: { start: string; end: string };
  /** A module that vm_watcher loads before its own. */
  preload?: string;
}

export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const network = await createNetwork();
  const directory = await mkdtemp(join(tmpdir(), 'vm-watcher-'));
  await chmod(directory, 0o755);
  const [outDir, runDir] = [join(directory, 'out'), join(directory, 'dnsmasq')];
  const [pidFile, leasesFile] = [join(runDir, 'dnsmasq.pid'), join(runDir, 'dnsmasq.leases')];
  for (const path of [outDir, runDir]) await mkdir(path);
  const mounted = await mountDirectory(options.fileSystem ?? 'local', directory);
  await chown(outDir, watcherUser, watcherUser);
  const config = join(directory, 'dnsmasq.conf');
  await writeFile(config, await renderConfig({ outDir, pidFile, leasesFile }, options.range ?? usualRange));
  await writeFile(join(outDir, 'dhcp-hosts'), '');
  await writeFile(join(outDir, 'dns-hosts'), '');

  let dnsmasq: ChildProcess | undefined;
  let watcher: ChildProcess | undefined;
  const logs = { watcher: '', dnsmasq: '' };

  async function startDnsmasq(): Promise<void> {
    const from = logs.dnsmasq.length;
    const child = network.start('setpriv', [
      ...serviceRights('dnsmasq'),
      ...['--', 'dnsmasq', '--keep-in-foreground', `--conf-file=${config}`],
    ]);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (logs.dnsmasq += chunk.toString()));
    dnsmasq = child;
    await eventually(
      'dnsmasq runs',
      () => logs.dnsmasq.slice(from).includes('started, version') && child.exitCode === null,
    );
  }

  async function startWatcher(): Promise<void> {
    const from = logs.watcher.length;
    const files = ['--vms', mounted.watched, '--out', outDir, '--dnsmasq-pid', pidFile, '--leases', leasesFile];
    const main = join(repository, 'vm_watcher/src/main.ts');
    const child = network.start('setpriv', [
      ...serviceRights('vm_watcher'),
      '--',
      'env',
      `VMS_WATCH=${options.watch ?? ''}`,
      `PROVISIONER_IP=${serverAddress}`,
      'DHCP_RANGE_START=192.168.105.100',
      'DHCP_RANGE_END=192.168.105.199',
      process.execPath,
      ...(options.preload === undefined ? [] : ['--import', options.preload]),
      main,
      ...files,
    ]);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (logs.watcher += chunk.toString()));
    watcher = child;
    await eventually('vm_watcher watches', () => logs.watcher.slice(from).includes(' watching '));
  }

  if (options.withDnsmasq !== false) await startDnsmasq();
  await startWatcher();

  return {
    network,
    vmsDir: mounted.written,
    watchedDir: mounted.watched,
    directory,
    outDir,
    leasesFile,
    watcherLog: () => logs.watcher,
    dnsmasqLog: () => logs.dnsmasq,
    startDnsmasq,
    stopDnsmasq: () => end(dnsmasq),
    watcherPid: () => watcher?.pid ?? 0,
    startWatcher,
    stopWatcher: () => end(watcher),
    killWatcher: () => end(watcher, 'SIGKILL'),
    async [Symbol.asyncDispose]() {
      await end(watcher);
      await end(dnsmasq);
      await mounted[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

async function renderConfig(
  files: { outDir: string; pidFile: string; leasesFile: string },
  range: { start: string; end: string },
): Promise<string> {
  const source = await readFile(join(repository, 'config/container/templates/dnsmasq.conf.hbs'), 'utf8');
  const environment = {
    provisionerIp: serverAddress,
    dhcpRangeStart: range.start,
    dhcpRangeEnd: range.end,
    dhcpRangeV6: { start: '::64', end: '::c8' },
    vmsWatch: 'auto' as const,
  };
  return compileTemplate<DnsmasqContext>(
    'dnsmasq.conf',
    source,
  )({
    ...dnsmasqContext(environment, { interface: serverInterface, address: serverAddress, prefixLength: 24 }),
    resolvFile: join(files.outDir, 'resolv.conf'),
    pidFile: files.pidFile,
    leaseFile: files.leasesFile,
    dhcpHosts: join(files.outDir, 'dhcp-hosts'),
    dnsHosts: join(files.outDir, 'dns-hosts'),
    tftpRoot: '/',
  });
}

/** Waits until the condition holds. @throws Error it does not within the deadline */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 120_000,
): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > deadlineMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - startedAt;
}

export interface WrittenVm {
  name: string;
  mac: string;
  ip?: string;
  ipv6?: string;
}

/** Saves as pvmlab does: straight into the file. */
export async function saveVm(vmsDir: string, vm: WrittenVm): Promise<void> {
  await writeFile(join(vmsDir, `${vm.name}.json`), vmJson(vm));
}

/** Saves as careful editors do: written beside, then renamed into place. */
export async function saveVmByRename(vmsDir: string, vm: WrittenVm): Promise<void> {
  const beside = join(vmsDir, `.${vm.name}.tmp`);
  await writeFile(beside, vmJson(vm));
  await rename(beside, join(vmsDir, `${vm.name}.json`));
}

export function vmJson(vm: WrittenVm): string {
  return JSON.stringify({ role: 'target', arch: 'x86_64', pxeboot: true, distro: 'debian-12', ...vm });
}
