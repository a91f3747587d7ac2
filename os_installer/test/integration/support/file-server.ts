import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** How one request is answered, instead of in full. */
export interface Fault {
  /** Answer with this status only. */
  status?: number;
  /** With these headers. */
  headers?: Record<string, string>;
  /** Send this many bytes, then end the connection: TCP's FIN. */
  breakAfter?: number;
  /** Send this many bytes, then reset the connection: TCP's RST. */
  resetAfter?: number;
  /** Send this many bytes, then nothing. */
  stallAfter?: number;
  /** A part begins at this byte instead of the one that was asked for. */
  partStart?: number;
  /** A part bears this ETag. */
  partEtag?: string;
  /** A part is said to be of a file of this length. */
  partTotal?: number;
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
    response.writeHead(fault.status, fault.headers).end('an error page');
    return;
  }
  const start = askedStart(state, request);
  if (start === undefined) {
    response.writeHead(200, headersOf(state, state.content.length));
    send(response, state.content, fault);
  } else {
    const from = fault.partStart ?? start;
    const part = state.content.subarray(from);
    response.writeHead(206, { ...headersOf(state, part.length), ...partHeaders(state, fault, from) });
    send(response, part, fault);
  }
}

/** @returns undefined when the answer is the whole file */
function askedStart({ ranges, etag, lastModified }: FileServer, { headers }: IncomingMessage): number | undefined {
  const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '');
  const ifRange = headers['if-range'];
  const sameFile = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  return ranges && sameFile && asked !== null ? Number(asked[1]) : undefined;
}

function send(response: ServerResponse, bytes: Buffer, { breakAfter, resetAfter, stallAfter }: Fault): void {
  if (breakAfter !== undefined) {
    response.write(bytes.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 20));
  } else if (resetAfter !== undefined) {
    response.write(bytes.subarray(0, resetAfter), () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
  } else if (stallAfter !== undefined) {
    response.write(bytes.subarray(0, stallAfter));
  } else {
    response.end(bytes);
  }
}

function partHeaders({ content }: FileServer, { partEtag, partTotal }: Fault, start: number): Record<string, string> {
  return {
    'content-range': `bytes ${start}-${content.length - 1}/${partTotal ?? content.length}`,
    ...(partEtag === undefined ? {} : { etag: partEtag }),
  };
}

function headersOf({ etag, lastModified, length }: FileServer, bytes: number): Record<string, string | number> {
  return {
    ...(etag === '' ? {} : { etag }),
    ...(lastModified === '' ? {} : { 'last-modified': lastModified }),
    ...(length ? { 'content-length': bytes } : {}),
  };
}
