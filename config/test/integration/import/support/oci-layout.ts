import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';

import { run } from '../../../../host/run.ts';
import type { MadeEntry } from '../../../support/root-archive.ts';
import { tarOf } from '../../../support/root-archive.ts';
import { temporaryDirectory } from './disk-image.ts';
import type { SmallRoot } from './small-root.ts';
import { writeRoot } from './small-root.ts';

const timeoutMs = 120_000;

/** A layer as its archive's bytes, or as entries. */
export type TestLayer = Buffer | readonly MadeEntry[];

interface TestDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

export interface TestImage {
  layers: readonly TestLayer[];
  layerType?: string;
  manifestType?: string;
  configType?: string;
  packing?: 'tar' | 'gzip' | 'zstd';
  architecture?: string;
  /** Is said in index.json too. */
  platform?: boolean;
  name?: string;
}

const packers = { tar: (bytes: Buffer) => bytes, gzip: (bytes: Buffer) => gzipSync(bytes), zstd: zstdCompressSync };
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

/** Writes blobs and documents of a layout, as an image's author would. */
export class TestLayout {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  static async make(context: Pick<TestContext, 'after'>): Promise<TestLayout> {
    const directory = join(await temporaryDirectory(context), 'image.oci');
    await mkdir(join(directory, 'blobs/sha256'), { recursive: true });
    await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion": "1.0.0"}');
    return new TestLayout(directory);
  }

  async blob(content: Buffer | string, mediaType: string): Promise<TestDescriptor> {
    const bytes = Buffer.from(content);
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(this.directory, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }

  async image({ layers, packing = 'tar', architecture = 'amd64', ...image }: TestImage): Promise<TestDescriptor> {
    const layerType =
      image.layerType ?? `application/vnd.oci.image.layer.v1.tar${packing === 'tar' ? '' : `+${packing}`}`;
    const archives = layers.map((layer) => (Buffer.isBuffer(layer) ? layer : tarOf(layer)));
    const config = await this.blob(
      JSON.stringify({ os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: archives.map(digestOf) } }),
      image.configType ?? 'application/vnd.oci.image.config.v1+json',
    );
    const blobs: TestDescriptor[] = [];
    for (const archive of archives) blobs.push(await this.blob(packers[packing](archive), layerType));
    const type = image.manifestType ?? manifestType;
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: blobs });
    return {
      ...(await this.blob(manifest, type)),
      ...(image.platform === true ? { platform: { os: 'linux', architecture } } : {}),
      ...(image.name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': image.name } }),
    };
  }

  /** An index in the index. */
  async nested(manifests: readonly TestDescriptor[], name?: string, mediaType = indexType): Promise<TestDescriptor> {
    const descriptor = await this.blob(JSON.stringify({ schemaVersion: 2, mediaType, manifests }), mediaType);
    const annotations = { 'org.opencontainers.image.ref.name': name ?? '' };
    return { ...descriptor, ...(name === undefined ? {} : { annotations }) };
  }

  async index(...manifests: readonly TestDescriptor[]): Promise<string> {
    await writeFile(join(this.directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    return this.directory;
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A layer with a whole small system. */
export async function rootLayer(context: Pick<TestContext, 'after'>, root: SmallRoot = {}): Promise<Buffer> {
  const directory = await temporaryDirectory(context);
  await writeRoot(join(directory, 'root'), root);
  const file = join(directory, 'layer.tar');
  await run('tar', ['-C', join(directory, 'root'), '--numeric-owner', '--sort=name', '-cf', file, '.'], { timeoutMs });
  return readFile(file);
}

/** A directory with one image of these layers. */
export async function layoutOf(context: TestContext, layers: readonly TestLayer[]): Promise<string> {
  const layout = await TestLayout.make(context);
  return layout.index(await layout.image({ layers }));
}
