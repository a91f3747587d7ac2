import { chmod, lstat, rm } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { connect } from 'node:net';

import { HostError, isErrno } from '@pxeboot/config/kit/errors';

/** Where to listen: a Unix socket, or a port of the loopback address. */
export type ListenAddress = { socket: string } | { port: number };

/** For a whole request, however it comes in: a report has 64 KB at most. */
const requestMs = 10_000;
const checkEveryMs = 2_000;

/** `8080` is a port, everything else a path. */
export function parseListenAddress(text: string): ListenAddress {
  return /^\d{1,5}$/.test(text) ? { port: Number(text) } : { socket: text };
}

/** In bytes: all that nginx takes (four buffers of 8 KiB) and passes on, each byte of a path as three (`%c3`). With less Node closes the
 * connection, which nginx may be about to use. */
const maxHeaderSize = 128 * 1024;

/** Starts the server; a socket file left by an earlier process is replaced, one that answers is not.
 * @throws HostError the address cannot be used */
export async function listen(handler: RequestListener, address: ListenAddress): Promise<Server> {
  const server = createServer(
    { maxHeaderSize, requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: checkEveryMs },
    handler,
  );
  // nginx keeps idle connections open; closing them first would fail its next request.
  server.keepAliveTimeout = 75_000;
  if ('port' in address) {
    await start(server, () => server.listen(address.port, '127.0.0.1'), `port ${address.port}`);
    return server;
  }
  await removeStaleSocket(address.socket);
  await start(server, () => server.listen(address.socket), `socket "${address.socket}"`);
  // For its own group, which nginx belongs to.
  await chmod(address.socket, 0o660);
  return server;
}

/** Stops the server: no new connections, running answers get a moment, then everything is closed. */
export function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), graceMs).unref();
  });
}

function start(server: Server, begin: () => void, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new HostError(`listen on ${what}`, { cause })));
    server.once('listening', resolve);
    begin();
  });
}

async function removeStaleSocket(path: string): Promise<void> {
  if (await answers(path))
    throw new HostError(`listen on socket "${path}": another process answers there; stop it first`);
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new HostError(`listen on socket "${path}": something else lies there; remove it`);
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (cause) => {
      if (isErrno(cause, 'ENOENT', 'ECONNREFUSED', 'ENOTSOCK')) resolve(false);
      else reject(new HostError(`look at the socket "${path}"`, { cause }));
    });
  });
}
