import type { Arch } from '../../../contract/architecture.ts';
import { InputError } from '../../../kit/errors.ts';
import { isObject } from '../../../kit/json.ts';
import { showValue } from '../../../kit/text.ts';

/** What names a blob. @see OCI Image Format Specification, "Content Descriptors" */
export interface Descriptor {
  mediaType: string;
  algorithm: 'sha256' | 'sha512';
  hex: string;
  bytes: number;
  /** How people call it; empty: it has no name. */
  names: string[];
  /** Such as `linux/amd64`; undefined: it does not say. */
  platform: string | undefined;
  /** Not an image but something about one, such as where it was built. */
  isAttached: boolean;
}

export interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
}

const hexDigits = { sha256: 64, sha512: 128 } as const;
/** The second is Docker's. */
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];
/** How a layer is packed is read from its first bytes: media types that say another thing are common. */
const layerType =
  /^application\/vnd\.(oci\.image\.layer(\.nondistributable)?\.v1\.tar|docker\.image\.rootfs(\.foreign)?\.diff\.tar)([+.](gzip|zstd))?$/;
/** OCI image-spec, annotations; containerd's, which Docker writes too. */
const nameAnnotations = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'];
/** BuildKit's mark of what it attests. */
const attachedAnnotation = 'vnd.docker.reference.type';

/** Go's names (GOARCH) of the architectures that can be installed. */
export const platforms: Readonly<Record<Arch, string>> = { x86_64: 'linux/amd64', aarch64: 'linux/arm64' };

export function isIndex({ mediaType }: Pick<Descriptor, 'mediaType'>): boolean {
  return indexTypes.includes(mediaType);
}

export function isManifest({ mediaType }: Pick<Descriptor, 'mediaType'>): boolean {
  return manifestTypes.includes(mediaType);
}

/** @throws InputError it is no such document, or of another version */
export function parseLayoutVersion(text: string): void {
  const { imageLayoutVersion: version } = parseObject('oci-layout', text);
  if (typeof version === 'string' && version.startsWith('1.')) return;
  throw new InputError(`"oci-layout" says version ${showValue(version)}; version 1.0.0 is known`);
}

/** @param what the document's name, for messages   @throws InputError it is no index */
export function parseIndex(what: string, text: string): Descriptor[] {
  const { manifests } = parseObject(what, text);
  if (!Array.isArray(manifests)) throw new InputError(`${what} has no list "manifests"`);
  return manifests.map((each: unknown) => parseDescriptor(what, each));
}

/** @throws InputError it is no manifest of an image whose layers can be read */
export function parseManifest(what: string, text: string): Manifest {
  const { config, layers } = parseObject(what, text);
  if (!Array.isArray(layers)) throw new InputError(`${what} has no list "layers"`);
  const manifest = {
    config: parseDescriptor(what, config),
    layers: layers.map((each: unknown) => parseDescriptor(what, each)),
  };
  if (!configTypes.includes(manifest.config.mediaType))
    throw new InputError(`${what} is of something else than an image: ${showValue(manifest.config.mediaType)}`);
  const strange = manifest.layers.find(({ mediaType }) => !layerType.test(mediaType));
  if (strange !== undefined)
    throw new InputError(`${what} has a layer of type ${showValue(strange.mediaType)}; archives (tar) are read`);
  if (manifest.layers.length === 0) throw new InputError(`${what} has no layers`);
  return manifest;
}

/** @returns such as `linux/amd64` */
export function parseConfigPlatform(what: string, text: string): string {
  const { os, architecture } = parseObject(what, text);
  return platformOf({ os, architecture }) ?? 'unknown/unknown';
}

function parseDescriptor(what: string, value: unknown): Descriptor {
  if (!isObject(value)) throw new InputError(`${what} has a descriptor that is none: ${showValue(value)}`);
  const { mediaType, digest, size, platform } = value;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw new InputError(`${what} has the size ${showValue(size)} of ${showValue(digest)}`);
  const annotations = isObject(value['annotations']) ? value['annotations'] : {};
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    ...parseDigest(what, digest),
    bytes: size,
    names: nameAnnotations.map((key) => annotations[key]).filter((name) => typeof name === 'string'),
    platform: isObject(platform) ? platformOf(platform) : undefined,
    isAttached: attachedAnnotation in annotations,
  };
}

function parseDigest(what: string, digest: unknown): Pick<Descriptor, 'algorithm' | 'hex'> {
  const [, algorithm = '', hex = ''] = /^(sha256|sha512):([0-9a-f]+)$/.exec(String(digest)) ?? [];
  if (isAlgorithm(algorithm) && hex.length === hexDigits[algorithm]) return { algorithm, hex };
  throw new InputError(`${what} has the digest ${showValue(digest)}, which is none of sha256 or sha512`);
}

function isAlgorithm(text: string): text is Descriptor['algorithm'] {
  return text in hexDigits;
}

function platformOf({ os, architecture }: Record<string, unknown>): string | undefined {
  return typeof os === 'string' && typeof architecture === 'string' ? `${os}/${architecture}` : undefined;
}

function parseObject(what: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${what} is not JSON`, { cause });
  }
  if (isObject(value)) return value;
  throw new InputError(`${what} is not a JSON object`);
}
