import { stat } from 'node:fs/promises';

import { givenEnvironment } from '../contract/environment.ts';
import { paths } from '../contract/paths.ts';
import type { ImageStore } from '../definitions/read/image-files.ts';
import { createImageStore } from '../definitions/read/image-files.ts';
import { createPublishedImagesReader } from '../definitions/read/published-images-file.ts';
import { exists } from '../host/files.ts';
import { createProgram } from '../host/program.ts';
import { describeErrorLines, HostError } from '../kit/errors.ts';
import { describeFault } from '../kit/fault.ts';
import { escapeJson, escapeOdd } from '../kit/text.ts';
import { createInspectingFinder } from '../inspect/inspecting-finder.ts';
import { lintDirectory } from './lint-directory.ts';
import { lintNetworkOf } from './lint-network.ts';
import type { Finding } from './rules/finding.ts';

interface Options {
  vms: string;
  images: string;
  state: string;
  inspected: string;
  json: boolean;
}

const program = createProgram('lint-vms', 'Says what is wrong with the VM definitions, or will not work.', {
  0: 'nothing but notes',
  1: 'an error or a warning',
  2: 'it could not look; the command line, or a setting in the environment, is wrong',
})
  .option('--vms <dir>', 'directory of the definitions', paths.vms)
  .option('--images <dir>', 'directory of the image files; absent or not there: they are not looked at', paths.images)
  .option('--state <file>', 'what vm_watcher has published: who holds what', paths.publishedState)
  .option(
    '--inspected <file>',
    'what image-inspector has published; not there: the images are read now',
    paths.publishedImages,
  )
  .option('--json', 'print JSON', false);

/** Looks at every VM definition. Exit status: 0 nothing but notes, 1 an error or a warning, 2 it could not look. */
async function main(): Promise<number> {
  const options = program.parse().opts<Options>();
  const findings = await lintDirectory({
    vmsDir: options.vms,
    stateFile: options.state,
    images: (await isDirectory(options.images)) ? await imagesWithContent(options) : undefined,
    network: lintNetworkOf(givenEnvironment(process.env)),
  });
  const bad = findings.some(({ level }) => level !== 'note');
  console.log(options.json ? escapeJson(JSON.stringify({ findings }, undefined, 2)) : describeFindings(findings));
  return bad ? 1 : 0;
}

/** What is known of the images' content: published, or else read now, each that a definition names once. */
async function imagesWithContent({ images, inspected }: Options): Promise<ImageStore> {
  if (!(await exists(inspected))) return createImageStore(images, createInspectingFinder(images));
  const published = createPublishedImagesReader(inspected, (error) => {
    throw new HostError(`read "${inspected}"`, { cause: error });
  });
  return createImageStore(images, published.find);
}

function describeFindings(findings: readonly Finding[]): string {
  const lines = findings.map((found) => `${found.level} ${found.rule} ${describeFault(found)}`);
  const count = (level: Finding['level']) => findings.filter((found) => found.level === level).length;
  return [...lines, `${count('error')} errors, ${count('warning')} warnings, ${count('note')} notes`].join('\n');
}

async function isDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true;
}

main()
  .then((status) => (process.exitCode = status))
  .catch((error: unknown) => {
    for (const line of describeErrorLines(error)) console.error(`lint-vms: ${escapeOdd(line)}`);
    process.exitCode = 2;
  });
