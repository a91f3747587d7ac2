import { paths } from '../contract/paths.ts';
import { createProgram } from '../host/program.ts';
import { describeErrorLines, InputError } from '../kit/errors.ts';
import { addImageCommands } from './commands.ts';
import { ImportInterrupted } from './import-image.ts';

/** As a shell reports a program that SIGINT ended. */
const interruptedStatus = 130;
const program = createProgram('image', 'Makes image directories in the container, and lists them.', {
  0: 'done',
  1: 'a program or the disk failed',
  2: 'the command line or the input is wrong',
  [interruptedStatus]: 'interrupted',
});
addImageCommands(program, () => ({
  images: paths.images,
  moduleList: '/opt/pxeboot/installer-modules.txt',
  published: paths.publishedImages,
}));

program.parseAsync().catch((error: unknown) => {
  console.error(`image: ${describeErrorLines(error).join('\n')}`);
  process.exitCode = error instanceof ImportInterrupted ? interruptedStatus : error instanceof InputError ? 2 : 1;
});
