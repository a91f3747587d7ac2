import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

interface ImageManifest {
  Layers: string[];
}

/** The content of one file of an image that `docker save` or buildah wrote, read without any engine.
 * @throws Error the file is in no layer */
export async function readImageFile(tarball: string, path: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    await execa('tar', ['-xf', tarball, '-C', directory]);
    for (const layer of (await readLayers(directory)).reverse()) {
      const input = (): ReturnType<typeof createReadStream> => createReadStream(join(directory, layer));
      const listing = await execa('tar', ['-t'], { input: input(), maxBuffer: 2 ** 28 });
      const name = listing.stdout.split('\n').find((line) => line.replace(/^\.?\//, '') === path);
      if (name === undefined) continue;
      const { stdout } = await execa('tar', ['-xO', name], { input: input(), encoding: 'buffer', maxBuffer: 2 ** 28 });
      return Buffer.from(stdout);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  throw new Error(`read "${path}" from ${tarball}: it is in no layer`);
}

async function readLayers(directory: string): Promise<string[]> {
  const text = await readFile(join(directory, 'manifest.json'), 'utf8');
  const [image] = JSON.parse(text) as ImageManifest[]; // the image specification's own form
  return image?.Layers ?? [];
}
