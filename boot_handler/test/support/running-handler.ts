import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import type { PublishedImage } from '@pxeboot/config/contract/published-images';
import { formatPublishedImages } from '@pxeboot/config/contract/published-images';
import type { PublishedState } from '@pxeboot/config/contract/published-state';
import { readAddressConflicts } from '@pxeboot/config/definitions/read/address-conflicts-file';
import { createImageStore } from '@pxeboot/config/definitions/read/image-files';
import { createPublishedImagesReader } from '@pxeboot/config/definitions/read/published-images-file';
import type { Log } from '@pxeboot/config/host/log';
import { createLog } from '@pxeboot/config/host/log';
import { describeError } from '@pxeboot/config/kit/errors';
import { completeImage, samplePublishedImage } from '@pxeboot/config/test/support/sample-image';
import { sampleKey } from '@pxeboot/config/test/support/sample-vm';

import type { AccessOptions } from '../../src/access/access.ts';
import { createAccess } from '../../src/access/access.ts';
import type { AddressFacts } from '../../src/access/decide/whose-address.ts';
import { createApp } from '../../src/app.ts';
import { listen, stop } from '../../src/http/listen.ts';
import { createStatusStore } from '../../src/status/status-store.ts';
import { loadTemplates } from '../../src/templates.ts';
import { createLinter } from '../../src/vms/linter.ts';
import { createVmStore } from '../../src/vms/vm-store.ts';

export const templatesDir = join(import.meta.dirname, '../../templates');

export interface Reply {
  status: number;
  type: string | null;
  body: string;
}

interface ProxiedRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** When every event arrives. */
export const receivedAt = new Date('2026-01-02T03:04:06.789Z');

/** The real application on a free port, over real directories. */
export interface RunningHandler extends AsyncDisposable {
  vmsDir: string;
  imagesDir: string;
  stateFile: string;
  /** What image-inspector publishes. */
  inspectedFile: string;
  /** Host and port, as the request names them. */
  host: string;
  logLines: string[];
  log: Log;
  /** From this machine, directly. */
  ask(path: string, init?: RequestInit): Promise<Reply>;
  /** Through nginx, from an address. */
  askFrom(address: string, path: string, init?: ProxiedRequest): Promise<Reply>;
}

/** Every request comes from this machine. */
const fromHere: AddressFacts = { leases: [], neighbours: [], own: ['127.0.0.1'] };
/** With what the handler proves its status tokens. */
export const sampleStatusKey = Buffer.alloc(32, 7);

/** @param access who may ask for what is not everybody's */
export async function startHandler(access: Partial<AccessOptions> = {}): Promise<RunningHandler> {
  const directory = await mkdtemp(join(tmpdir(), 'boot-handler-'));
  const [vmsDir, imagesDir, stateFile] = [
    join(directory, 'vms'),
    join(directory, 'images'),
    join(directory, 'vms.json'),
  ];
  await mkdir(vmsDir);
  await mkdir(imagesDir);
  const logLines: string[] = [];
  const log = createLog('boot_handler', (line) => logLines.push(line));
  const inspectedFile = join(directory, 'images.json');
  const inspected = createPublishedImagesReader(inspectedFile, (error) =>
    log.warn('inspected images not used', { reason: describeError(error) }),
  );
  const images = createImageStore(imagesDir, inspected.find);
  const app = createApp({
    access: createAccess({
      facts: () => Promise.resolve(fromHere),
      adminFrom: [],
      statusKey: sampleStatusKey,
      ...access,
    }),
    vms: createVmStore({ vmsDir, stateFile, log }),
    images,
    inspected,
    lint: createLinter({
      vmsDir,
      stateFile,
      images,
      network: () => ({ dhcpRangeStart: '192.168.105.100', dhcpRangeEnd: '192.168.105.199' }),
    }),
    conflicts: () => readAddressConflicts(stateFile),
    statuses: createStatusStore(() => receivedAt),
    templates: await loadTemplates(templatesDir),
    vmsDir,
    imagesDir,
    log,
  });
  const socket = join(directory, 'handler.sock');
  const behindNginx = await listen(app, { socket });
  const server = await listen(app, { port: 0 });
  // A TCP server's address is no string.
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    vmsDir,
    imagesDir,
    stateFile,
    inspectedFile,
    host,
    logLines,
    log,
    async ask(path, init) {
      const response = await fetch(`http://${host}${path}`, init);
      return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
    },
    askFrom: (address, path, { method = 'GET', headers = {}, body = '' } = {}) =>
      new Promise((resolve, reject) => {
        const options = { socketPath: socket, path, method, headers: { host, ...headers, 'x-real-ip': address } };
        const asked = request(options, (response) => {
          const {
            statusCode: status = 0,
            headers: { 'content-type': type = null },
          } = response;
          text(response).then((answer) => resolve({ status, type, body: answer }), reject);
        });
        asked.on('error', reject);
        asked.end(body);
      }),
    async [Symbol.asyncDispose]() {
      await stop(behindNginx, 0);
      await stop(server, 0);
      await rm(directory, { recursive: true });
    },
  };
}

/** A definition as pvmlab writes it; a test names only the fields it is about. */
export function definitionJson(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    name: 'web1',
    role: 'target',
    arch: 'x86_64',
    mac: '52:54:00:AA:BB:01',
    ip: '192.168.105.20',
    subnet: '192.168.105.0/24',
    pxeboot: true,
    distro: 'debian-12',
    ssh_key: `${sampleKey}\n`,
    ...fields,
  });
}

/** Saves as careful editors do: written beside, then renamed into place. */
export async function saveDefinition(vmsDir: string, fields: Record<string, unknown> = {}): Promise<void> {
  const name = typeof fields['name'] === 'string' ? fields['name'] : 'web1';
  const beside = join(vmsDir, `.${name}.tmp`);
  await writeFile(beside, definitionJson(fields));
  await rename(beside, join(vmsDir, `${name}.json`));
}

export async function saveImage(imagesDir: string, image = 'debian-12/x86_64', names = completeImage): Promise<void> {
  await mkdir(join(imagesDir, image), { recursive: true });
  for (const name of names) await writeFile(join(imagesDir, image, name), '');
}

/** What image-inspector publishes of one image; a test names only the fields it is about. */
export async function saveInspected(inspectedFile: string, ...images: Partial<PublishedImage>[]): Promise<void> {
  const complete = images.map((fields) => ({ ...samplePublishedImage, ...fields }));
  await writeFile(`${inspectedFile}.new`, formatPublishedImages({ images: complete }));
  await rename(`${inspectedFile}.new`, inspectedFile);
}

export async function saveState(stateFile: string, state: PublishedState): Promise<void> {
  await writeFile(`${stateFile}.new`, JSON.stringify(state));
  await rename(`${stateFile}.new`, stateFile);
}
