import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** How one request is answered, instead of in full. */
export interface Fault {
  /** Answer with this status only. */
  status?: number;
  /** Send this many bytes, then reset the connection. */
  breakAfter?: number;
  /** Send this many bytes, then nothing. */
  stallAfter?: number;
}

export interface FileServer {
  url: string;
  /** `Range` and `If-Range` of each request. */
  asked: (string | undefined)[][];
  /** What is served; may be replaced while serving. */
  content: Buffer;
  /** Sent when not empty. */
  etag: string;
  /** Sent when not empty. */
  lastModified: string;
  ranges: boolean;
  /** Without it the length is not told. */
  length: boolean;
}

/** A real HTTP server of one file, which has faults: the first for the first request, and so on; then none. */
export async function serveFile(context: TestContext, content: Buffer, faults: Fault[] = []): Promise<FileServer> {
  const state: FileServer = { url: '', asked: [], content, etag: '"1"', lastModified: '', ranges: true, length: true };
  const server = createServer((request, response) => {
    state.asked.push([request.headers.range, request.headers['if-range']?.toString()]);
    answer(state, faults.shift() ?? {}, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has such an address.
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rootfs.tar.gz`;
  return state;
}

function answer(state: FileServer, fault: Fault, request: IncomingMessage, response: ServerResponse): void {
  if (fault.status !== undefined) {
    response.writeHead(fault.status).end();
    return;
  }
  const total = state.content.length;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const ifRange = request.headers['if-range'];
  const sameFile = ifRange === undefined || ifRange === state.etag || ifRange === state.lastModified;
  const start = state.ranges && sameFile && asked !== null ? Number(asked[1]) : 0;
  const part = state.content.subarray(start);
  const range = start === 0 ? {} : { 'content-range': `bytes ${start}-${total - 1}/${total}` };
  response.writeHead(start === 0 ? 200 : 206, { ...headersOf(state, part.length), ...range });
  if (fault.breakAfter !== undefined) {
    response.write(part.subarray(0, fault.breakAfter), () => setTimeout(() => response.destroy(), 20));
  } else if (fault.stallAfter !== undefined) {
    response.write(part.subarray(0, fault.stallAfter));
  } else {
    response.end(part);
  }
}

function headersOf({ etag, lastModified, length }: FileServer, bytes: number): Record<string, string | number> {
  return {
    ...(etag === '' ? {} : { etag }),
    ...(lastModified === '' ? {} : { 'last-modified': lastModified }),
    ...(length ? { 'content-length': bytes } : {}),
  };
}
