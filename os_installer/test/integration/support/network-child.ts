// Brings the network up as the kernel line in its first argument asks, inside namespaces of its own, and prints what it is
// like then as JSON. See isolated-network.ts.
import { readFile } from 'node:fs/promises';

import { describeError } from '@pxeboot/config/kit/errors';
import { createLog } from '@pxeboot/config/host/log';
import { run } from '@pxeboot/config/host/run';

import { parseCmdline } from '../../../src/plan/cmdline.ts';
import { bringUpNetwork } from '../../../src/network/bring-up.ts';

const log: string[] = [];
const patience = { interfaceMs: 500, carrierMs: 2_000, dhcpAttempts: 2, dhcpQuestions: 1 };
const kernelLine = parseCmdline(`config_url=http://h/c ${process.argv[2] ?? ''}`);
const error = await bringUpNetwork(
  kernelLine,
  createLog('test', (line) => log.push(line)),
  patience,
).then(
  () => undefined,
  (cause: unknown) => `${cause instanceof Error ? cause.name : ''}: ${describeError(cause)}`,
);
const show = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await run('ip', ['-j', '-4', ...args], { timeoutMs: 5_000 })).stdout || '[]');
const resolvConf = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
process.stdout.write(
  JSON.stringify({ error, log, resolvConf, addresses: await show('address'), routes: await show('route') }),
);
