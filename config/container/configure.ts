import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

import type { StackEnvironment } from '../contract/environment.ts';
import { paths } from '../contract/paths.ts';
import { exists, writeAtomic } from '../host/files.ts';
import { run } from '../host/run.ts';
import { compileTemplate } from '../kit/render.ts';
import { dnsmasqContext, nginxContext } from './decide/contexts.ts';
import type { OpenFiles } from './decide/open-files.ts';
import type { InterfaceAddress } from './decide/private-interface.ts';
import { readSize } from './decide/read-size.ts';

const checkMs = 10_000;

/** Writes the configuration of dnsmasq and nginx and lets both check it.
 * @throws HostError a directory or file cannot be written, or a program refuses its configuration */
export async function configureServices(
  environment: StackEnvironment,
  place: InterfaceAddress,
  openFiles: OpenFiles,
): Promise<void> {
  await renderFile('dnsmasq.conf.hbs', dnsmasqContext(environment, place), paths.dnsmasqConf);
  await renderFile(
    'nginx.conf.hbs',
    nginxContext(place, environment.adminFrom ?? [], await imageReadSize(), openFiles),
    paths.nginxConf,
  );
  await createHostsFiles();
  await run('dnsmasq', ['--test', `--conf-file=${paths.dnsmasqConf}`], { timeoutMs: checkMs });
  await run(join(paths.programs, 'start-nginx'), ['--test'], { timeoutMs: checkMs });
}

async function renderFile(template: string, context: object, output: string): Promise<void> {
  const source = await readFile(join(paths.configTemplates, template), 'utf8');
  await writeAtomic(output, compileTemplate(template, source)(context));
}

async function imageReadSize(): Promise<number> {
  return readSize(await readFile('/proc/self/mountinfo', 'utf8'), paths.images, release());
}

/** vm_watcher fills them a moment later; dnsmasq complains about a missing one. What an earlier start left stays. They are made as
 * vm_watcher's user: the directory is its own, and root would follow a link that it has put there. */
async function createHostsFiles(): Promise<void> {
  for (const path of [paths.dhcpHosts, paths.dnsHosts]) {
    if (await exists(path)) continue;
    const user = ['--reuid=vm_watcher', '--regid=vm_watcher', '--clear-groups', '--'];
    await run('setpriv', [...user, 'install', '-m', '0644', '/dev/null', path], { timeoutMs: 5000 });
  }
}
