import { paths } from '@pxeboot/config/contract/paths';
import { createProgram } from '@pxeboot/config/host/program';

import type { ListenAddress } from './http/listen.ts';
import { parseListenAddress } from './http/listen.ts';

export interface Options {
  vmsDir: string;
  stateFile: string;
  imagesDir: string;
  inspectedFile: string;
  templatesDir: string;
  leasesFile: string;
  statusKeyFile: string;
  address: ListenAddress;
}

interface Flags {
  vms: string;
  state: string;
  images: string;
  inspected: string;
  templates: string;
  leases: string;
  statusKey: string;
  listen: string;
}

/** Reads the command line; a wrong one ends the program with status 2, `--help` with 0.
 * @param args without the names of Node and of the program */
export function parseOptions(args: readonly string[]): Options {
  const { vms, state, images, inspected, templates, leases, statusKey, listen } = createProgram(
    'boot_handler',
    'Answers over HTTP what a VM boots, what is installed on it, and what is known about it.',
    {
      0: 'stopped by SIGTERM or SIGINT',
      1: 'a file cannot be read, or the address cannot be used',
      2: 'the command line, or a setting in the environment, is wrong',
    },
  )
    .option('--vms <dir>', 'directory of the VM definitions', paths.vms)
    .option('--state <file>', 'what vm_watcher has published: who holds what', paths.publishedState)
    .option('--images <dir>', 'directory of the image files', paths.images)
    .option('--inspected <file>', 'what image-inspector has published', paths.publishedImages)
    .option('--templates <dir>', 'directory of the templates of its answers', paths.handlerTemplates)
    .option('--leases <file>', "dnsmasq's leases: which address is whose", paths.dnsmasqLeases)
    .option('--status-key <file>', 'the key that proves reports; made when it is missing', paths.statusKey)
    .option('--listen <address>', 'path of a Unix socket, or a port of 127.0.0.1', paths.handlerSocket)
    .parse(args, { from: 'user' })
    .opts<Flags>();
  return {
    vmsDir: vms,
    stateFile: state,
    imagesDir: images,
    inspectedFile: inspected,
    templatesDir: templates,
    leasesFile: leases,
    statusKeyFile: statusKey,
    address: parseListenAddress(listen),
  };
}
