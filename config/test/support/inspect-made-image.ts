import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { Arch } from '../../contract/architecture.ts';
import type { ImageFacts } from '../../contract/image-facts.ts';
import { imageFactsSchema } from '../../contract/schemas/image-facts.schema.ts';
import { compileValidator } from '../../contract/validator.ts';
import { chooseRootfs } from '../../definitions/image-choice.ts';
import type { Inspection } from '../../inspect/inspect-image.ts';
import { inspectImage } from '../../inspect/inspect-image.ts';
import { lackOf, unlessMissing } from './requirements.ts';
import type { MadeEntry } from './root-archive.ts';
import { makeImage, tarOf } from './root-archive.ts';

/** Options of a suite that inspects images. */
export const inspectSuite = unlessMissing(lackOf('gzip', 'zstd', 'xz', 'bzip2', 'tar'));
/** Where its images are made; removed when the file's tests have run. */
export const madeImages = mkdtempSync(join(tmpdir(), 'inspect-'));

after(() => {
  rmSync(madeImages, { recursive: true });
});

const validate = compileValidator(imageFactsSchema);
let made = 0;

/** Makes an image directory and inspects it. @param files as of `makeImage` */
export async function inspect(files: Record<string, string | Buffer> = {}, arch: Arch = 'x86_64'): Promise<Inspection> {
  const path = join(madeImages, `${(made += 1)}`);
  makeImage(path, files);
  return inspectAt(path, arch);
}

/** Inspects a directory, and checks its facts against their schema. */
export async function inspectAt(path: string, arch: Arch = 'x86_64'): Promise<Inspection> {
  const names = readdirSync(path);
  const rootfs = chooseRootfs(names) ?? '';
  const inspection = await inspectImage({ path, directory: `images/d/${arch}`, arch, names, rootfs });
  if (inspection.facts !== undefined) assert.deepEqual(validate('facts', inspection.facts), []);
  return inspection;
}

/** Of a root file system packed by gzip: the problems without the archive's name. */
export async function faultsOf(entries: readonly MadeEntry[]): Promise<string[]> {
  return problems(await inspect({ 'rootfs.tar.gz': gzipSync(tarOf(entries)) }));
}

/** The problems without the archive's name. */
export function problems({ faults }: Inspection): string[] {
  return faults.map(({ problem }) => problem.replace(/^images\/d\/[^ :]+:? /, ''));
}

/** The facts, which must be there. */
export function known({ facts }: Inspection): ImageFacts {
  assert.ok(facts !== undefined);
  return facts;
}
