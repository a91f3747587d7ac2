import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SeedName } from '@pxeboot/config/contract/seed';
import { HostError } from '@pxeboot/config/kit/errors';
import { compileTemplate } from '@pxeboot/config/kit/render';

import type { Boot, BootContext, DiskContext } from './render/boot-context.ts';
import type { CloudInitContext } from './render/cloud-init-context.ts';
import type { WhyContext } from './render/why-context.ts';

/** Every template, compiled; a broken one ends the program before it listens. */
export interface Templates {
  install(context: BootContext): string;
  direct(context: BootContext): string;
  disk(context: DiskContext): string;
  why(context: WhyContext): string;
  seed: Record<SeedName, (context: CloudInitContext) => string>;
}

/** The script of a decision. @throws InputError a value does not fit in a script */
export function renderBoot(templates: Templates, boot: Boot): string {
  return boot.kind === 'disk' ? templates.disk(boot.context) : templates[boot.kind](boot.context);
}

/** Reads and compiles all templates.
 * @throws HostError a file cannot be read
 * @throws Error a template's syntax is wrong */
export async function loadTemplates(directory: string): Promise<Templates> {
  async function load<Context extends object>(name: string): Promise<(context: Context) => string> {
    const file = join(directory, `${name}.hbs`);
    try {
      return compileTemplate<Context>(name, await readFile(file, 'utf8'));
    } catch (cause) {
      throw new HostError(`load the template "${file}"`, { cause });
    }
  }

  const [install, direct, disk, why, metaData, userData, networkConfig, vendorData] = await Promise.all([
    load<BootContext>('install.ipxe'),
    load<BootContext>('direct-boot.ipxe'),
    load<DiskContext>('local-disk.ipxe'),
    load<WhyContext>('why.ipxe'),
    load<CloudInitContext>('meta-data'),
    load<CloudInitContext>('user-data'),
    load<CloudInitContext>('network-config'),
    load<CloudInitContext>('vendor-data'),
  ]);
  const seed = {
    'meta-data': metaData,
    'user-data': userData,
    'network-config': networkConfig,
    'vendor-data': vendorData,
  };
  return { install, direct, disk, why, seed };
}
