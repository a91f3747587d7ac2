import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

import { paths } from '../contract/paths.ts';
import { HostError } from '../kit/errors.ts';
import { parseProcessInfo, processInfoRequest } from './decide/process-info.ts';
import type { ServiceState } from './decide/restart-budget.ts';
import { serviceVariables } from './decide/service-variables.ts';

const answerMs = 5000;

/** The running supervisord. */
export interface Supervisord {
  /** Settles when it has ended, with a few words on how. */
  ended: Promise<string>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  serviceStates(): Promise<ServiceState[]>;
}

/** What all services get of their start. */
export interface ServiceSettings {
  /** Where dnsmasq serves; vm_watcher releases leases there. */
  privateInterface: string;
  /** Soft limit of open files of each. */
  openFiles: number;
}

/** Starts supervisord below tini, which adopts and reaps what the services leave behind.
 * @throws HostError it cannot be started */
export async function startSupervisord(
  configurationFile: string,
  { privateInterface, openFiles }: ServiceSettings,
): Promise<Supervisord> {
  const password = randomUUID();
  const supervisord = ['supervisord', '--configuration', configurationFile];
  // prlimit(1) becomes the program that it starts.
  const child = spawn('prlimit', [`--nofile=${openFiles}:`, 'tini', '-s', '--', ...supervisord], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...serviceVariables(process.env), SUPERVISOR_PASSWORD: password, PXE_INTERFACE: privateInterface },
  });
  const ended = describeEnd(child);
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new HostError('start supervisord', { cause });
  }
  return {
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
    serviceStates: () => askServiceStates(password),
  };
}

function describeEnd(child: ChildProcess): Promise<string> {
  return new Promise((settle) => {
    child.once('exit', (status, signal) => {
      settle(signal === null ? `status ${String(status)}` : `signal ${signal}`);
    });
  });
}

async function askServiceStates(password: string): Promise<ServiceState[]> {
  const answer = await new Promise<IncomingMessage>((settle, refuse) => {
    const asked = request({
      socketPath: paths.supervisorSocket,
      path: '/RPC2',
      method: 'POST',
      auth: `entrypoint:${password}`,
      headers: { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(processInfoRequest) },
      timeout: answerMs,
    });
    asked.once('response', settle).once('error', refuse);
    asked.once('timeout', () => asked.destroy(new HostError(`no answer within ${answerMs} ms`)));
    asked.end(processInfoRequest);
  });
  return parseProcessInfo(await text(answer));
}
