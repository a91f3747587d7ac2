import type { Context } from '../context.ts';
import { earlierNetwork } from '../distro/earlier-network.ts';
import {
  blockers,
  configDirectory,
  configName,
  configText,
  filesAfterOurs,
  instanceState,
  otherSeedDirectories,
  seedDirectory,
} from '../plan/cloud-init.ts';
import type { SeedFile } from '../plan/facts.ts';
import type { StepDefinition } from './shared/definition.ts';
import { removeEarlierNetwork } from './shared/earlier-network.ts';
import { enableCloudInit } from './shared/enable-cloud-init.ts';
import { kernelLog } from './shared/hints.ts';

export interface WriteSeed {
  files: SeedFile[];
}

/** What an image may bring of its own in the place of ours. */
const removed = [seedDirectory, ...otherSeedDirectories, ...instanceState, ...blockers];

/** The definition's seed, and no other source of data: what an image brings that would win over it, or keep cloud-init from running, is
 * taken back. The seed is where cloud-init's NoCloud source looks. */
export const writeSeed: StepDefinition<WriteSeed> = {
  plan: ({ sources }) => ({ files: sources.seed }),
  describe: () => 'write the cloud-init seed',
  lines: ({ files }, { target }) => [
    ...removed.map((path) => `remove ${target}/${path}`),
    `rename ${target}/${configDirectory}/*.cfg that would be read after ours`,
    ...files.map(({ name }) => `write ${target}/${seedDirectory}/${name}`),
    `write ${target}/${configDirectory}/${configName}`,
    '(if there is cloud-init) enable it',
    ...earlierNetwork.map(
      ({ pattern, instead }) =>
        `(if there is cloud-init, and it is about a network card) ${instead === undefined ? 'remove' : 'write'} ${target}/${pattern}`,
    ),
  ],
  hints: () => ['df -h', kernelLog],

  async run({ files }, context) {
    const { system, log } = context;
    await ownCloudInit(context);
    for (const { name, content } of files) await system.write(`${seedDirectory}/${name}`, content, 0o600);
    await system.write(`${configDirectory}/${configName}`, configText);
    if (!(await system.has('usr/bin/cloud-init'))) {
      log.warn('the root file system has no cloud-init: nobody will be able to log in with the key of the definition');
      return;
    }
    for (const done of await enableCloudInit(system)) log.info('cloud-init was switched off in the image', { done });
    const network = await removeEarlierNetwork(system);
    if (network.length === 0) return;
    context.warn(`the definition's network takes the place of what the image brings: ${network.join(', ')} removed`);
  },
};

async function ownCloudInit({ system, warn, log }: Context): Promise<void> {
  for (const path of removed) {
    if (await system.has(path))
      log.info('the image brings settings for cloud-init of another machine; removed', { path });
    await system.remove(path);
  }
  for (const name of filesAfterOurs(await system.list(configDirectory))) {
    await system.rename(`${configDirectory}/${name}`, `${configDirectory}/${name}.of-the-image`);
    await system.remove(`${configDirectory}/${name}`);
    warn(
      `/${configDirectory}/${name} of the image would win over the definition; it is called ${name}.of-the-image now`,
    );
  }
}
