import type { SeedFile } from '../plan/facts.ts';
import type { StepDefinition } from './shared/definition.ts';
import { kernelLog } from './shared/hints.ts';

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

  async run({ files }, { system, log }) {
    if (!(await system.has('usr/bin/cloud-init'))) {
      log.warn('the root file system has no cloud-init: nobody will be able to log in with the key of the definition');
    }
    await system.remove(seedDirectory);
    for (const { name, content } of files) await system.write(`${seedDirectory}/${name}`, content, 0o600);
    await system.write(cloudInitFile, 'datasource_list: [ NoCloud, None ]\n');
  },
};
