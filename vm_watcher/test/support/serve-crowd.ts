import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { parsePublishedState } from '@pxeboot/config/contract/published-state';
import { canonicalIpv6, isIpv4, isIpv6 } from '@pxeboot/config/kit/ip';
import { parseMac } from '@pxeboot/config/kit/mac';

import type { Crowd } from './crowd.ts';
import { honestVm, isHonest, makeCrowd, saveCrowd } from './crowd.ts';
import type { HandlerProcess } from './handler-process.ts';
import { startHandlerProcess } from './handler-process.ts';
import type { RunningStack } from './running-stack.ts';
import { eventually, saveVmByRename, startStack } from './running-stack.ts';

const deadlineMs = 300_000;
const hostName = /^[a-z\d](?:[a-z\d-]*[a-z\d])?$/;
const edited = { name: 'vm1', mac: '52:54:00:ff:ff:01', ip: '192.168.105.20' };

export interface CrowdFigures {
  inForce: number;
  /** From the moment at which the directory is there until all is written, and until dnsmasq answers from it. */
  writtenMs: number;
  answeredMs: number;
  watcherMiB: number;
  /** The same of one more edit, and until /ipxe knows it. */
  editWrittenMs: number;
  editAnsweredMs: number;
  editIpxeMs: number;
  handlerMiB: number;
}

/** Serves so many definitions with real processes, one in five of them hostile, and checks all that comes of them. */
export async function serveCrowd(count: number): Promise<CrowdFigures> {
  const crowd = makeCrowd(count);
  await using stack = await startStack();
  await saveCrowd(stack.vmsDir, crowd);
  const state = join(stack.outDir, 'vms.json');
  // Written in one step; before it the state is empty.
  const writtenMs = await eventually('all is published', async () => (await stat(state)).size > count, deadlineMs);
  const answeredMs = writtenMs + (await untilAnswered(stack, honestVm(2)));
  const inForce = await assertPublished(stack, crowd);

  await using handler = await startHandlerProcess(stack);
  await ipxeMs(handler, honestVm(2).mac);
  await saveVmByRename(stack.vmsDir, edited);
  const savedAt = performance.now();
  const hosts = join(stack.outDir, 'dns-hosts');
  const isWritten = async () => (await readFile(hosts, 'utf8')).includes(`${edited.ip} `);
  const [editWrittenMs, editIpxeMs] = await Promise.all([
    eventually('the edit is written', isWritten, deadlineMs),
    ipxeMs(handler, edited.mac),
  ]);
  await untilAnswered(stack, edited);
  const editAnsweredMs = performance.now() - savedAt;
  assert.equal(await stack.network.requestLease(edited.mac), edited.ip);

  assertEachLogLineIsOne(stack);
  const [watcherMiB, handlerMiB] = await Promise.all([largestMiB(stack.watcherPid()), largestMiB(handler.pid)]);
  return { inForce, writtenMs, answeredMs, watcherMiB, editWrittenMs, editAnsweredMs, editIpxeMs, handlerMiB };
}

/** @returns how long the answer took */
async function ipxeMs(handler: HandlerProcess, mac: string): Promise<number> {
  const startedAt = performance.now();
  // 409: known, and without image files.
  assert.equal((await handler.ask(`/ipxe?mac=${mac}`)).status, 409);
  return performance.now() - startedAt;
}

/** dnsmasq answers nobody while it reads its files. */
function untilAnswered({ network }: RunningStack, { name, ip }: { name: string; ip: string }): Promise<number> {
  const knows = async () => (await network.lookUp(`${name}.pvmlab.local`).catch((): string[] => [])).includes(ip);
  return eventually(`dnsmasq knows ${name}`, knows, deadlineMs);
}

/** @returns how many VMs are in force */
async function assertPublished(stack: RunningStack, crowd: Crowd): Promise<number> {
  const state = parsePublishedState(await readFile(join(stack.outDir, 'vms.json'), 'utf8'));
  assert.ok(state.ok);
  assert.deepEqual(
    state.value.entries.map((entry) => entry.file),
    [...crowd.keys()].filter((name) => !name.startsWith('.')).sort(),
  );
  return assertHonest(stack, crowd);
}

function assertEachLogLineIsOne(stack: RunningStack): void {
  const lines = stack.watcherLog().trimEnd().split('\n');
  const odd = lines.filter((line) => !/^\S+Z (?:info|warn) vm_watcher /.test(line));
  assert.deepEqual(odd, []);
}

async function largestMiB(pid: number): Promise<number> {
  const kiB = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kiB) / 1024);
}

/** Every line of dnsmasq's files says what the file of that name says, and every honest file has its lines.
 * @returns how many VMs are in force */
async function assertHonest(stack: RunningStack, crowd: Crowd): Promise<number> {
  const allowed = new Map([...crowd].flatMap(([file, text]) => linesOf(file, text)));
  const [dhcp, dns] = await Promise.all([linesIn(stack, 'dhcp-hosts'), linesIn(stack, 'dns-hosts')]);
  for (const line of dhcp) assert.ok(allowed.get(line) === 'dhcp', `dhcp-hosts: ${line}`);
  for (const line of dns) assert.ok(allowed.get(line) === 'dns', `dns-hosts: ${line}`);
  const present = new Set([...dhcp, ...dns]);
  const honest = [...crowd].filter(([file]) => isHonest(file));
  for (const [line] of honest.flatMap(([file, text]) => linesOf(file, text)))
    assert.ok(present.has(line), `missing: ${line}`);
  assert.ok(dhcp.length > honest.length, 'some of the hostile files have only honest values');
  assert.equal(present.size, dhcp.length + dns.length, 'no line stands twice');
  return dhcp.length;
}

async function linesIn(stack: RunningStack, name: string): Promise<string[]> {
  return (await readFile(join(stack.outDir, name), 'utf8')).split('\n').slice(0, -1);
}

/** The lines that the author of this file may cause; none when a value is not what its field is for, or the name not the file's. */
function linesOf(file: string, text: string): [string, 'dhcp' | 'dns'][] {
  const document = parseObject(text);
  const { name, mac, ip = '', ipv6 = '' } = document;
  if (![name, mac, ip, ipv6].every((value) => typeof value === 'string')) return [];
  const [host, address, address6] = [String(name).toLowerCase(), String(ip), String(ipv6)];
  const hardware = parseMac(String(mac));
  if (hardware === undefined || `${host}.json` !== file.toLowerCase() || !hostName.test(host)) return [];
  if (!areAddresses(address, address6)) return [];
  const known6 = address6 === '' ? '' : canonicalIpv6(address6);
  const fullName = `${host}.pvmlab.local`;
  const reservations = [hardware, address, known6 === '' ? '' : `[${known6}]`, fullName].filter(
    (field) => field !== '',
  );
  const known = [address, known6].filter((field) => field !== '');
  const names = known.map((field): [string, 'dns'] => [`${field} ${fullName} ${host}`, 'dns']);
  return [[reservations.join(','), 'dhcp'], ...names];
}

/** Either may be empty. */
function areAddresses(ip: string, ipv6: string): boolean {
  return (ip === '' || isIpv4(ip)) && (ipv6 === '' || isIpv6(ipv6));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    // What is no object has no fields either.
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}
