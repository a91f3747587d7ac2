import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { SeedFile } from '../plan/facts.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';
import { put } from './shared/new-system.ts';

export interface WriteSeed {
  files: SeedFile[];
}

const seedDirectory = 'var/lib/cloud/seed/nocloud-net';

/** Of several files that set the same, cloud-init takes the one whose name sorts last. Ubuntu's package writes a list of its own
 * to 90_dpkg.cfg, images bring theirs in 91-….cfg to 99_….cfg. */
const cloudInitFile = 'etc/cloud/cloud.cfg.d/zz-pxeboot.cfg';

/** The seed where cloud-init's NoCloud source looks first, in place of what the tarball may have there, and no other source but it. */
export const writeSeed: StepDefinition<WriteSeed> = {
  plan: ({ sources }) => ({ files: sources.seed }),
  describe: () => 'write the cloud-init seed',
  lines: ({ files }, { target }) => [
    ...files.map(({ name }) => `write ${target}/${seedDirectory}/${name}`),
    `write ${target}/${cloudInitFile}`,
  ],
  hints: () => ['df -h', kernelLog],

  async run({ files }, { site, log }) {
    const { target } = site;
    const cloudInit = join(target, 'usr/bin/cloud-init');
    if (!(await stat(cloudInit).catch(() => undefined))) {
      log.warn('the root file system has no cloud-init: nobody will be able to log in with the key of the definition');
    }
    const directory = join(target, seedDirectory);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    for (const { name, content } of files) await writeFile(join(directory, name), content, { mode: 0o600 });
    await put(target, cloudInitFile, 'datasource_list: [ NoCloud, None ]\n');
  },
};
