/** Measures how long after a save dnsmasq's hosts file, dnsmasq itself and /ipxe have it. Needs only this file, Node 24 and a
 * running stack; DIR is where the files are edited: on a share the mounted directory, or that of the system that shares it. */
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const usage = `edits.ts --vms DIR --url http://PROVISIONER [--hosts FILE] [--dns ADDRESS] [--rounds N]
  --vms     directory of the definitions; the script makes and removes edit-probe*.json in it
  --url     boot_handler, or nginx before it
  --hosts   dnsmasq's hosts file (in the container /run/pxeboot/watcher/dns-hosts); absent: not measured
  --dns     address of dnsmasq; absent: not measured
  --rounds  how often each edit is made (5)`;

export interface EditOptions {
  vms: string;
  url: string;
  hosts?: string | undefined;
  dns?: string | undefined;
  rounds: number;
}

/** Seconds from the end of each save until one witness had it. */
export type Figures = Map<string, Map<string, number[]>>;

interface Probe {
  file: string;
  name: string;
  mac: string;
  ip: string;
  text: string;
}

interface Edit {
  name: string;
  /** @returns what must be in force then, and what must not be any more */
  save(vms: string): Promise<{ there: Probe[]; gone: Probe[] }>;
}

interface Witness {
  name: string;
  pauseMs: number;
  knows(probe: Probe): Promise<boolean>;
}

const many = 200;
const deadlineMs = 60_000;
let made = 0;
let current: Probe = nextProbe();

/** A definition whose MAC and address nothing had before; each text has the same length. */
function nextProbe(name = 'edit-probe'): Probe {
  made += 1;
  const pair = (n: number) => (n & 255).toString(16).padStart(2, '0');
  const mac = `52:54:00:ed:${pair(made >> 8)}:${pair(made)}`;
  const ip = `10.254.${100 + (made >> 7)}.${100 + (made & 127)}`;
  const vm = { name, role: 'target', arch: 'x86_64', mac, ip, pxeboot: true, distro: 'edit-probe' };
  return { file: `${name}.json`, name, mac, ip, text: JSON.stringify(vm) };
}

/** An edit of the one definition that all but the last edits share. */
function edit(name: string, save: (file: string, text: string) => Promise<void>): Edit {
  return {
    name,
    async save(vms) {
      const before = current;
      current = nextProbe();
      await save(join(vms, current.file), current.text);
      return { there: [current], gone: [before] };
    },
  };
}

async function renameOver(file: string, text: string): Promise<void> {
  const beside = file.replace(/edit-probe\.json$/, '.edit-probe.tmp');
  await writeFile(beside, text);
  await rename(beside, file);
}

async function writeInPieces(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  for (let at = 0; at < text.length; at += 40) {
    await sleep(100);
    await handle.write(text.slice(at, at + 40));
  }
  await handle.close();
}

/** As vim with `backup` does it. */
async function saveAsEditor(file: string, text: string): Promise<void> {
  const swap = file.replace(/edit-probe\.json$/, '.edit-probe.json.swp');
  await writeFile(swap, 'b0VIM 9.0');
  await rename(file, `${file}~`);
  await writeFile(file, text);
  await rm(`${file}~`);
  await rm(swap);
}

const edits: readonly Edit[] = [
  edit('new file', writeFile),
  edit('rewritten in place', writeFile),
  edit('renamed over', renameOver),
  edit('written in slow pieces', writeInPieces),
  edit("an editor's backup and swap files", saveAsEditor),
  edit('removed and made again at once', async (file, text) => {
    await rm(file);
    await writeFile(file, text);
  }),
  {
    name: 'removed',
    async save(vms) {
      await rm(join(vms, current.file));
      return { there: [], gone: [current] };
    },
  },
  {
    name: `${many} files at once, after the last`,
    async save(vms) {
      const probes = Array.from({ length: many }, (_, n) => nextProbe(`edit-probe-${n}`));
      for (const { file, text } of probes) await writeFile(join(vms, file), text);
      return { there: probes, gone: [] };
    },
  },
];

function witnesses({ hosts, dns, url }: EditOptions): Witness[] {
  const ipxe = async ({ mac }: Probe) => (await fetch(new URL(`/ipxe?mac=${mac}`, url))).status !== 404;
  const found: Witness[] = [{ name: '/ipxe', pauseMs: 25, knows: ipxe }];
  if (dns !== undefined) {
    const resolver = new Resolver({ timeout: 500, tries: 1 });
    resolver.setServers([dns]);
    const resolves = async ({ name, ip }: Probe) =>
      (await resolver.resolve4(`${name}.pvmlab.local`).catch((): string[] => [])).includes(ip);
    found.unshift({ name: 'DNS', pauseMs: 10, knows: resolves });
  }
  if (hosts !== undefined) {
    const holds = async ({ ip }: Probe) => (await readFile(hosts, 'utf8')).includes(`${ip} `);
    found.unshift({ name: 'hosts file', pauseMs: 5, knows: holds });
  }
  return found;
}

/** @returns seconds until the witness knows all that is there, and no more what is gone   @throws Error it never does */
async function secondsUntil({ name, pauseMs, knows }: Witness, there: Probe[], gone: Probe[]): Promise<number> {
  const startedAt = performance.now();
  const expected = [
    ...there.map((probe) => ({ probe, known: true })),
    ...gone.map((probe) => ({ probe, known: false })),
  ];
  for (const { probe, known } of expected) {
    while ((await knows(probe)) !== known) {
      if (performance.now() - startedAt > deadlineMs) {
        const what = known ? `${probe.name} with MAC ${probe.mac} and address ${probe.ip}` : `that ${probe.ip} is gone`;
        throw new Error(`wait for ${name}: it does not know ${what} within ${deadlineMs / 1000} s`);
      }
      await sleep(pauseMs);
    }
  }
  return (performance.now() - startedAt) / 1000;
}

/** Makes every edit `rounds` times, one after the other, each when the one before is in force everywhere. */
export async function measureEdits(options: EditOptions): Promise<Figures> {
  const figures: Figures = new Map();
  const asked = witnesses(options);
  try {
    for (let round = 0; round < options.rounds; round++) {
      for (const { name, save } of edits) {
        const { there, gone } = await save(options.vms);
        const seconds = await Promise.all(asked.map((witness) => secondsUntil(witness, there, gone)));
        const row = figures.get(name) ?? new Map<string, number[]>();
        figures.set(name, row);
        for (const [index, witness] of asked.entries())
          row.set(witness.name, [...(row.get(witness.name) ?? []), seconds[index] ?? 0]);
      }
      await removeProbes(options.vms);
    }
  } finally {
    await removeProbes(options.vms);
  }
  return figures;
}

async function removeProbes(vms: string): Promise<void> {
  const suffixes = ['', ...Array.from({ length: many }, (_, n) => `-${n}`)];
  for (const suffix of suffixes) await rm(join(vms, `edit-probe${suffix}.json`), { force: true });
}

/** A row for each edit: median and longest of each witness. */
export function formatFigures(figures: Figures): string {
  const [first] = figures.values();
  const names = [...(first?.keys() ?? [])];
  const head = [`| edit | ${names.join(' | ')} |`, `|---|${names.map(() => '---|').join('')}`];
  const rows = [...figures].map(([edit, row]) => `| ${edit} | ${[...row.values()].map(summary).join(' | ')} |`);
  return [...head, ...rows].join('\n');
}

function summary(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return `${median.toFixed(2)} (${(sorted.at(-1) ?? 0).toFixed(2)})`;
}

function parseOptions(): EditOptions {
  const text = { type: 'string' } as const;
  const options = { vms: text, url: text, hosts: text, dns: text, rounds: { ...text, default: '5' } };
  const { vms, url, hosts, dns, rounds } = parseArgs({ options }).values;
  if (vms === undefined || url === undefined) throw new Error(`--vms and --url are needed; usage: ${usage}`);
  if (!/^[1-9]\d{0,3}$/.test(rounds)) throw new Error(`--rounds "${rounds}" is no number; usage: ${usage}`);
  return { vms, url, hosts, dns, rounds: Number(rounds) };
}

if (import.meta.main) console.log(formatFigures(await measureEdits(parseOptions())));
