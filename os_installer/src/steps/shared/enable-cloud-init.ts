import type { Context } from '../../context.ts';
import { wantedBy } from '../../plan/cloud-init.ts';

const units = 'usr/lib/systemd/system';
/** Where systems without merged /usr have them. */
const olderUnits = 'lib/systemd/system';
const settings = 'etc/systemd/system';
const generators = 'etc/systemd/system-generators';

type System = Context['system'];

/** Takes back what keeps systemd from starting cloud-init: masks, and links that are missing since somebody disabled it.
 * @returns what was done, in words
 * @see systemctl(1): mask, enable; systemd.generator(7) */
export async function enableCloudInit(system: System): Promise<string[]> {
  return [...(await unmask(system, settings)), ...(await unmask(system, generators)), ...(await enable(system))];
}

/** A mask is a link to /dev/null or an empty file. Drop-ins are in directories, which stay. */
async function unmask(system: System, directory: string): Promise<string[]> {
  const ours = (await system.list(directory)).filter((name) => /^cloud-[\w-]+(\.(service|target|socket))?$/.test(name));
  const done: string[] = [];
  for (const name of ours) {
    if (await system.hasContent(`${directory}/${name}`)) continue;
    await system.remove(`${directory}/${name}`);
    done.push(`unmasked ${name}`);
  }
  return done;
}

async function enable(system: System): Promise<string[]> {
  const done: string[] = [];
  for (const directory of [units, olderUnits]) {
    const names = (await system.list(directory)).filter((name) =>
      /^cloud-(init|config|final)[\w-]*\.service$/.test(name),
    );
    for (const name of names) {
      for (const target of wantedBy((await system.read(`${directory}/${name}`)) ?? '')) {
        const wants = `${settings}/${target}.wants`;
        if ((await system.list(wants)).includes(name)) continue;
        await system.link(`${wants}/${name}`, `/${directory}/${name}`);
        done.push(`enabled ${name}`);
      }
    }
  }
  return done;
}
