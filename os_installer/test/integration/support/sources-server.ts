import type { TestContext } from 'node:test';

import { config } from '../../unit/sample-machine.ts';
import { serve } from './web-server.ts';

/** The sample machine's configuration with everything on one server. */
export function configAt(url: string): typeof config {
  return { ...config, rootfs_url: `${url}/rootfs.tar.gz`, kernel_url: `${url}/vmlinuz`, cloud_init_url: url };
}

/** Every file is there, with this content; SHA256SUMS too where one is given. */
export async function sourcesServer(
  context: TestContext,
  content: Buffer,
  sums?: { status: number; text: string },
): Promise<string> {
  return serve(context, (request, response) => {
    if (request.url === '/SHA256SUMS') {
      response.writeHead(sums?.status ?? 404).end(sums?.text);
      return;
    }
    const file = request.url === '/rootfs.tar.gz' ? content : Buffer.from('a text');
    const part = partOf(file, request.headers.range);
    response.writeHead(part === undefined ? 200 : 206, { 'content-length': (part ?? file).length });
    response.end(request.method === 'HEAD' ? undefined : (part ?? file));
  });
}

/** What a Range header asks for; undefined where there is none. */
function partOf(file: Buffer, range = ''): Buffer | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d+)$/.exec(range) ?? [];
  if (to === undefined) return undefined;
  return from === '' ? file.subarray(-Number(to)) : file.subarray(Number(from), Number(to) + 1);
}
