import { parseArgs } from 'node:util';

import { InputError } from '@pxeboot/config/kit/errors';
import { paths } from '@pxeboot/config/contract/paths';

import type { ListenAddress } from './http/listen.ts';
import { parseListenAddress } from './http/listen.ts';

export interface Options {
  vmsDir: string;
  stateFile: string;
  imagesDir: string;
  templatesDir: string;
  address: ListenAddress;
}

const usage = 'boot_handler [--vms DIR] [--state FILE] [--images DIR] [--templates DIR] [--listen SOCKET_PATH|PORT]';

/** @throws InputError the command line is wrong; the message holds the usage */
export function parseOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        vms: { type: 'string', default: paths.vms },
        state: { type: 'string', default: paths.publishedState },
        images: { type: 'string', default: paths.images },
        templates: { type: 'string', default: paths.handlerTemplates },
        listen: { type: 'string', default: paths.handlerSocket },
      },
    });
    return {
      vmsDir: values.vms,
      stateFile: values.state,
      imagesDir: values.images,
      templatesDir: values.templates,
      address: parseListenAddress(values.listen),
    };
  } catch (cause) {
    throw new InputError(`read the command line; usage: ${usage}`, { cause });
  }
}
