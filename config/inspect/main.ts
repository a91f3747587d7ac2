import { setTimeout } from 'node:timers/promises';

import { paths } from '../contract/paths.ts';
import { createLog } from '../host/log.ts';
import { createProgram } from '../host/program.ts';
import { describeErrorLines, InputError } from '../kit/errors.ts';
import { createInspector } from './inspector.ts';

interface Flags {
  images: string;
  published: string;
}

/** From one look at the image directories to the next: events of a share are not told, and files that are the same at two looks are
 * taken for whole. */
const lookEveryMs = 2000;
const log = createLog('image-inspector');

const program = createProgram('image-inspector', 'Looks into each image directory and publishes whether it installs.', {
  0: 'stopped by SIGTERM or SIGINT',
  1: 'what an earlier run has published cannot be read',
  2: 'the command line is wrong',
})
  .option('--images <dir>', 'directory of the image files', paths.images)
  .option('--published <file>', 'what it publishes', paths.publishedImages);

async function main(): Promise<void> {
  const { images, published } = program.parse().opts<Flags>();
  const inspector = await createInspector({ imagesDir: images, publishedFile: published, log });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal });
      void inspector.stop().finally(() => process.exit(0));
    });
  }
  log.info('watching', { images });
  for (;;) {
    await inspector.look();
    await setTimeout(lookEveryMs);
  }
}

main().catch((error: unknown) => {
  for (const reason of describeErrorLines(error)) log.error('cannot start', { reason });
  process.exit(error instanceof InputError ? 2 : 1);
});
