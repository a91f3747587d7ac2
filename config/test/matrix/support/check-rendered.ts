import assert from 'node:assert/strict';

import { assumedHardware } from '@pxeboot/os-installer/plan/assumed-hardware';
import { planInstallation } from '@pxeboot/os-installer/plan';
import { describeStep, stepLines } from '@pxeboot/os-installer/steps/index';
import { parse } from 'yaml';

import { decideBoot } from '../../../../boot_handler/src/render/boot-context.ts';
import { cloudInitContext } from '../../../../boot_handler/src/render/cloud-init-context.ts';
import { installerConfigFor } from '../../../../boot_handler/src/render/vm-installer-config.ts';
import { explainUnknownMac, whyContext } from '../../../../boot_handler/src/render/why-context.ts';
import type { Templates } from '../../../../boot_handler/src/templates.ts';
import { renderBoot } from '../../../../boot_handler/src/templates.ts';
import type { InstallerConfig } from '../../../contract/installer-config.ts';
import { parseInstallerConfig } from '../../../contract/installer-config.ts';
import type { PublishedEntry } from '../../../contract/published-state.ts';
import type { VmDefinition } from '../../../contract/vm-definition.ts';
import { InputError } from '../../../kit/errors.ts';
import { assertOneLine } from '../../support/fuzz/one-line.ts';
import { imageOf } from './fuzz-image.ts';

const host = '192.168.105.1';
const sources = { rootfsBytes: 200_000_000, packing: 'gzip', seed: [{ name: 'user-data', content: '' }] } as const;
const ids = { rootUuid: '00000000-0000-0000-0000-000000000000', espVolumeId: '00000000' };

/** Asserts that what boot_handler answers about a VM holds its values as values, and says which of it there was. */
export function assertRendered(templates: Templates, vm: VmDefinition): { script: boolean; plan: boolean } {
  assertSeed(templates, vm);
  const script = assertBootScript(templates, vm);
  const plan = vm.role === 'target' && vm.pxeboot && assertConfigAndPlan(vm);
  return { script, plan };
}

/** The same VM with a value that is surely harmless in each place where this one has a value. */
function harmless(vm: VmDefinition): VmDefinition {
  return {
    ...vm,
    name: 'vm',
    mac: '52:54:00:00:00:01',
    ...(vm.distro === undefined ? {} : { distro: 'd' }),
    ...(vm.kernel === undefined ? {} : { kernel: 'k' }),
    ...(vm.initrd === undefined ? {} : { initrd: 'i' }),
    install: {
      ...vm.install,
      kernel_args: vm.install.kernel_args.map((word) => (/^(?:ip|initrd\.mode)=/.test(word) ? 'ip=x' : 'a')),
    },
  };
}

/** Of each line the command, how many words it has, and what follows a failure. */
function skeletonOf(script: string): string[] {
  return script.split('\n').map((line) => {
    const words = line.split(' ');
    return `${words[0] ?? ''} ${words.length} ${
      line.includes(' || ')
        ? words
            .slice(-3)
            .join(' ')
            .replace(/^\S+ (?=\|\|)/, '')
        : ''
    }`;
  });
}

function assertBootScript(templates: Templates, vm: VmDefinition): boolean {
  for (const installed of [false, true]) {
    const decision = decideBoot(vm, imageOf(vm), host, installed);
    if (decision.kind === 'faulty') {
      const explanation = { headline: `${vm.name} cannot boot yet.`, details: decision.faults };
      assertWhyText(templates.why(whyContext(explanation, host, vm.mac)));
      return false;
    }
    const usual = harmless(vm);
    const expected = decideBoot(usual, imageOf(usual), host, installed);
    assert.ok(expected.kind !== 'faulty', 'harmless values boot too');
    assert.equal(expected.kind, decision.kind);

    const script = renderBoot(templates, decision);

    assert.match(script, /^[\n -~]+$/);
    assert.deepEqual(skeletonOf(script), skeletonOf(renderBoot(templates, expected)), script);
    assert.deepEqual(
      (script.match(/\$.{0,12}/g) ?? []).filter((found) => found !== '${buildarch}'),
      [],
      script,
    );
  }
  return true;
}

function assertSeed({ seed }: Templates, vm: VmDefinition): void {
  const context = cloudInitContext(vm, '0123456789ab');
  const hostname = vm.name.replace(/[^a-z0-9-]+/g, '-');
  // PyYAML, which cloud-init uses, reads YAML 1.1.
  for (const version of ['1.1', '1.2'] as const) {
    const userData = seed['user-data'](context);
    assert.ok(userData.startsWith('#cloud-config\n'));
    assert.deepEqual(readYaml(userData, version), {
      hostname,
      fqdn: `${hostname}.pvmlab.local`,
      prefer_fqdn_over_hostname: false,
      manage_etc_hosts: 'localhost',
      users: [
        {
          name: 'ubuntu',
          gecos: 'Ubuntu',
          groups: ['adm', 'systemd-journal'],
          shell: '/bin/bash',
          sudo: 'ALL=(ALL) NOPASSWD:ALL',
          lock_passwd: true,
          ...(vm.ssh_key === undefined ? {} : { ssh_authorized_keys: [vm.ssh_key] }),
        },
      ],
      disable_root: true,
      ssh_pwauth: false,
      locale: 'C.UTF-8',
    });
  }
  const metaData = readYaml(seed['meta-data'](context), '1.1');
  assert.deepEqual(metaData, { 'instance-id': `${vm.name}-0123456789ab`, 'local-hostname': hostname });
  const primary = {
    match: { macaddress: vm.mac },
    dhcp4: true,
    dhcp6: vm.ipv6 !== undefined,
    'dhcp-identifier': 'mac',
    nameservers: { search: ['pvmlab.local'] },
  };
  assert.deepEqual(readYaml(seed['network-config'](context), '1.1'), { version: 2, ethernets: { primary } });
  assert.equal(seed['vendor-data'](context), '#cloud-config\n{}\n');
}

function readYaml(text: string, version: '1.1' | '1.2'): unknown {
  return parse(text, { version, strict: true, uniqueKeys: true, logLevel: 'error' });
}

function assertConfigAndPlan(vm: VmDefinition): boolean {
  const config = installerConfigFor(vm, imageOf(vm), host, { stay: false, reinstallToken: 'r', statusToken: 's' });
  if (!config.ok) return false;
  assert.deepEqual(parseInstallerConfig('config', JSON.stringify(config.value)), config);
  const { disk, kernel_args: words } = config.value;
  assert.deepEqual([disk, words], [vm.install.disk, vm.install.kernel_args]);
  const usual = harmless(vm);
  const usualConfig = installerConfigFor({ ...usual, install: { ...usual.install, disk: {} } }, imageOf(usual), host, {
    stay: false,
    reinstallToken: 'r',
  });
  assert.ok(usualConfig.ok);
  const planned = planFor(config.value);
  if (planned === undefined) return false;

  const expected = planFor(usualConfig.value)?.map(({ kind }) => kind);

  assert.deepEqual(
    planned.map(({ kind }) => kind),
    expected,
  );
  for (const step of planned) {
    assertOneLine(describeStep(step), `the title of ${step.kind}`);
    for (const line of stepLines(step)) assertOneLine(line, `a line of ${step.kind}`);
  }
  return true;
}

function planFor(config: InstallerConfig): ReturnType<typeof planInstallation>['steps'] | undefined {
  try {
    const hardware = assumedHardware(config.disk, sources.rootfsBytes);
    const { steps, notes, diskReasons } = planInstallation({
      config,
      hardware,
      sources: { ...sources, seed: [...sources.seed] },
      ids,
    });
    for (const line of [...notes, ...diskReasons]) assertOneLine(line, 'a note of a plan');
    return steps;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assertOneLine(error.message, 'why there is no plan');
    return undefined;
  }
}

/** Asserts that the screen of a VM without a definition shows text, whatever the faults of all files are. */
export function assertWhyScript(templates: Templates, entries: readonly PublishedEntry[]): void {
  const mac = '52:54:00:00:00:99';
  const naming = new Set(entries.map(({ file }) => file).filter((_, index) => index % 2 === 0));
  assertWhyText(templates.why(whyContext(explainUnknownMac(mac, entries, naming), host, mac)));
}

function assertWhyText(script: string): void {
  const lines = script.split('\n');
  const place = lines.indexOf(':retry');
  assert.deepEqual([lines[0], lines.slice(place + 1).length], ['#!ipxe', 3], script);
  for (const line of lines.slice(1, place)) {
    assert.match(line, /^echo(?: [A-Za-z0-9._:/=,@+%?~()<>*![\]-]+)*$/);
    assert.doesNotMatch(line, / -/);
    assert.ok(line.length <= 'echo '.length + 80, line);
  }
}
