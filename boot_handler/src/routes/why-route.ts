import { architectures } from '@pxeboot/config/contract/architecture';
import type { VmDefinition } from '@pxeboot/config/contract/vm-definition';
import { HostError, InputError, describeError } from '@pxeboot/config/kit/errors';
import { parseMac } from '@pxeboot/config/kit/mac';
import { showValue } from '@pxeboot/config/kit/text';

import type { Answer, Route } from '../http/answer.ts';
import type { AskedHost } from '../http/request-host.ts';
import { parseRequestHost } from '../http/request-host.ts';
import { decideBoot } from '../render/boot-context.ts';
import type { Explanation } from '../render/why-context.ts';
import { explainUnknownMac, whyContext } from '../render/why-context.ts';
import type { Services } from '../services.ts';
import { renderBoot } from '../templates.ts';
import { filesNaming, unreadNaming } from '../vms/files-naming.ts';
import { isInstalled } from '../vms/is-installed.ts';
import { ScanError } from '../vms/known-vms.ts';

/** `GET /ipxe/why?mac=M`: always a script with status 200 that shows why `/ipxe` gave none, waits and asks again.
 * With `buildarch`: `/ipxe` gave one, and it failed on an iPXE of that architecture. */
export function whyRoute(services: Services): Route {
  return async (request): Promise<Answer> => {
    const given = request.query['mac'];
    const mac = typeof given === 'string' ? parseMac(given) : undefined;
    const asked = readHost(request);
    const explanation = asked.wrong ?? (await explain(services, asked.host, mac, request.query['buildarch']));
    // Even a request whose host cannot be used gets a script; iPXE then fills in the server it booted from.
    const host = asked.wrong === undefined ? asked.host : '${next-server}';
    return {
      status: 200,
      type: 'text/plain',
      body: services.templates.why(whyContext(explanation, host, mac)),
      event: {
        message: 'why sent',
        level: 'warn',
        fields: { mac: mac ?? showValue(given), reason: textOf(explanation) },
      },
    };
  };
}

/** The host that a request names, or why there is none: `/ipxe` has refused it for the same reason. */
function readHost(request: AskedHost): { host: string; wrong?: never } | { wrong: Explanation } {
  try {
    return { host: parseRequestHost(request) };
  } catch (error) {
    const details = [{ problem: describeError(error), fix: 'correct what calls the server so, such as a proxy' }];
    return { wrong: { headline: 'the request named no host that can be used.', details } };
  }
}

async function explain(
  services: Services,
  host: string,
  mac: string | undefined,
  failedOn: unknown,
): Promise<Explanation> {
  if (mac === undefined) return malformedMac;
  try {
    return await explanationFor(services, host, mac, failedOn);
  } catch (error) {
    if (error instanceof InputError)
      return {
        headline: 'this VM cannot boot.',
        details: [{ problem: describeError(error), fix: 'correct its definition' }],
      };
    services.log.error('why not known', { mac, reason: describeError(error) });
    if (error instanceof ScanError) return unreadableDefinitions;
    const problem = error instanceof HostError ? 'a file or device cannot be read' : 'an internal error';
    return { headline: 'the server failed.', details: [{ problem, fix: 'look at the log of boot_handler' }] };
  }
}

const malformedMac: Explanation = {
  headline: 'the request named no MAC address.',
  details: [
    {
      problem: 'the boot script asked without a valid "mac"',
      fix: 'boot from a network card with an Ethernet address',
    },
  ],
};

const unreadableDefinitions: Explanation = {
  headline: 'the definitions of the VMs cannot be read.',
  details: [
    {
      problem: 'the server cannot list its vms directory',
      fix: 'let everybody read and enter it (chmod a+rx), or mount it again; the log of boot_handler has the error',
    },
  ],
};

async function explanationFor(services: Services, host: string, mac: string, failedOn: unknown): Promise<Explanation> {
  const { vms, images, templates } = services;
  const record = await vms.findByMac(mac);
  if (record === undefined) {
    const entries = await vms.entries();
    const naming = await filesNaming(mac, services.vmsDir, entries);
    return explainUnknownMac(mac, entries, naming, await unreadNaming(mac, services.vmsDir));
  }
  const { definition } = record;
  if (definition.role === 'provisioner') {
    const problem = `the file ${record.entry.file} has this MAC (${mac}) and "role": "provisioner"`;
    return {
      headline: `${definition.name} is the provisioner.`,
      details: [{ problem, fix: 'set "role": "target" to install it' }],
    };
  }
  const image = await images.list(definition.distro, definition.arch);
  const decision = decideBoot(definition, image, host, await isInstalled(services, definition, record.entry.file));
  if (decision.kind === 'faulty') return { headline: `${definition.name} cannot boot yet.`, details: decision.faults };
  // Rendering refuses values that would break the script; the error is then the reason.
  renderBoot(templates, decision);
  if (decision.kind === 'disk') return explainDeadDisk(definition.name);
  if (failedOn !== undefined) return explainFailedScript(definition, record.entry.file, failedOn);
  return { headline: `nothing is missing for ${definition.name} now, so it boots next.`, details: [] };
}

/** `/ipxe` has sent it to its disk, and it is here again. */
function explainDeadDisk(vm: string): Explanation {
  return {
    headline: `${vm} is installed ("install.once"), but its disk does not start.`,
    details: [
      {
        problem: 'the first disk has no boot loader that works; is it a new one, or another one than before?',
        fix: `save or change ${vm}.reinstall beside the definition to install it again, or give the disk back`,
      },
    ],
  };
}

/** Nothing is missing, and the script that `/ipxe` sent did not start a kernel. */
function explainFailedScript({ name, arch }: VmDefinition, file: string, failedOn: unknown): Explanation {
  const known = Object.values(architectures).some(({ ipxeBuilds }) => ipxeBuilds.includes(String(failedOn)));
  if (known && !architectures[arch].ipxeBuilds.includes(String(failedOn))) {
    const problem = `"arch" is "${arch}" in ${file}, and the iPXE of this VM is for ${String(failedOn)}`;
    return {
      headline: `${name} is defined for another architecture.`,
      details: [{ problem, fix: 'correct "arch", or start the VM as such a machine' }],
    };
  }
  return {
    headline: `the kernel or an initrd of ${name} could not be loaded or started.`,
    details: [
      {
        problem: 'nothing is missing here; what iPXE said of it stands above',
        fix: 'look at the requests in the log of the container; if space has run out, give the VM more memory',
      },
    ],
  };
}

function textOf({ headline, details }: Explanation): string {
  return [headline, ...details.map(({ problem }) => problem)].join(' ').slice(0, 400);
}
