import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '@pxeboot/config/host/run';

import type { LabSettings } from './decide/settings.ts';
import { bridge, provisionerIpV6, subnetV6 } from './decide/settings.ts';
import { inNamespace, processOf, runInNamespace } from './namespace.ts';

/** As pvmlab's provisioner advertises its network: addresses come by DHCPv6 (RFC 4861, flag M), none is made by a client. */
const routerConfiguration = `interface ${bridge} {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 10;
  AdvManagedFlag on;
  AdvOtherConfigFlag on;
  prefix ${subnetV6} { AdvOnLink on; AdvAutonomous off; };
};
`;

/** Gives the bridge an address of the IPv6 network and starts a router that advertises it; both end with the namespace. */
export async function addIpv6(lab: LabSettings): Promise<void> {
  const pidFile = join(lab.runtime, 'radvd.router');
  if ((await processOf(pidFile, 'radvd')) !== undefined) return;
  await runInNamespace(lab, 'ip', ['address', 'replace', `${provisionerIpV6}/64`, 'dev', bridge, 'nodad']);
  await mkdir(lab.runtime, { recursive: true });
  const configuration = join(lab.runtime, 'radvd.conf');
  await writeFile(configuration, routerConfiguration);
  const [file, args] = inNamespace(lab, 'radvd', ['--config', configuration, '--pidfile', pidFile]);
  await run(file, args, { timeoutMs: 20_000 });
}
