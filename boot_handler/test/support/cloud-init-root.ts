import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { RunResult } from '@pxeboot/config/host/run';
import { run } from '@pxeboot/config/host/run';

const root = join(import.meta.dirname, '../../../build/cloud-init-root');
const makeTimeoutMs = 600_000;
const runTimeoutMs = 60_000;

/** A Debian 13 root with cloud-init, made once: cloud-init is never installed on the machine itself. */
export async function ensureCloudInitRoot(): Promise<void> {
  if (existsSync(join(root, 'usr/bin/cloud-init'))) return;
  const beside = `${root}.new`;
  await mkdir(join(root, '..'), { recursive: true });
  await rm(beside, { recursive: true, force: true });
  const options = ['--quiet', '--variant=minbase', '--aptopt=APT::Install-Recommends "false"', '--include=cloud-init'];
  await run('mmdebstrap', [...options, 'trixie', beside], { timeoutMs: makeTimeoutMs });
  await rename(beside, root);
}

/** Lets cloud-init check a document. @throws CommandError it finds a fault; the error holds what it says */
export async function checkWithCloudInit(kind: 'cloud-config' | 'network-config', text: string): Promise<RunResult> {
  await writeFile(join(root, 'tmp/document'), text);
  const args = ['cloud-init', 'schema', '--schema-type', kind, '--config-file', '/tmp/document'];
  return run('chroot', [root, ...args], { timeoutMs: runTimeoutMs });
}

/** Reads YAML as cloud-init does. */
export async function parseYaml(text: string): Promise<unknown> {
  const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.read())))';
  const { stdout } = await run('chroot', [root, 'python3', '-c', script], { timeoutMs: runTimeoutMs, input: text });
  return JSON.parse(stdout);
}
