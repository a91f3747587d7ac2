import { isObject } from '@pxeboot/config/kit/json';

/** Where cloud-init's NoCloud source looks, and takes what it finds first (cloudinit/sources/DataSourceNoCloud.py). */
export const seedDirectory = 'var/lib/cloud/seed/nocloud-net';
export const otherSeedDirectories = ['var/lib/cloud/seed/nocloud'];

/** What cloud-init remembers of the machine that the image ran on, and which of its work it takes for done. */
export const instanceState = ['instance', 'instances', 'data', 'sem'].map((name) => `var/lib/cloud/${name}`);

/** What keeps cloud-init from running, and what keeps it to another source of data.
 * @see cloud-init's documentation, "How to disable cloud-init", and ds-identify */
export const blockers = ['etc/cloud/cloud-init.disabled', 'etc/cloud/ds-identify.cfg'];

export const configDirectory = 'etc/cloud/cloud.cfg.d';

/** Of several files that set the same, cloud-init takes the one whose name sorts last. Ubuntu's package writes a list of its own
 * to 90_dpkg.cfg, images bring theirs in 91-….cfg to 99_….cfg, installers in subiquity-….cfg. */
export const configName = 'zz-pxeboot.cfg';

/** Dictionaries of several files become one, so that only null, and not an empty one, takes back what another file says: both tried with
 * cloud-init 22.4 and 25.1. `datasource` may hold user-data or name another place for it, `network` wins over the seed's, and with
 * `manual_cache_clean` a former instance would stay. */
export const configText = `# Written by the installer: data and network come from the seed.
datasource_list: [ NoCloud, None ]
datasource: { NoCloud: null }
network: null
manual_cache_clean: false
`;

/** Those that cloud-init reads after ours. */
export function filesAfterOurs(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('.cfg') && name > configName);
}

/** Python: cloud-init's own reading of all its files, as JSON. */
export const readMerged =
  'import json; from cloudinit import util; ' +
  'print(json.dumps(util.read_conf_with_confd("/etc/cloud/cloud.cfg"), default=str))';

/** How a program of the new system is interpreted; undefined: it is no script.
 * @param head its beginning */
export function interpreterOf(head: string): string[] | undefined {
  const words = /^#!\s*(\/\S.*)/.exec(head)?.[1]?.trim().split(/\s+/);
  return words?.some((word) => /python/.test(word)) === true ? words : undefined;
}

/** What in cloud-init's merged configuration keeps the definition from being followed, as `key: value`. */
export interface Verdict {
  /** Nobody could log in, or the network is another one. */
  wrong: string[];
  /** The definition's user would not be made. */
  missingModules: string[];
}

/** @param merged what `readMerged` prints
 * @returns undefined when that is not a configuration */
export function judgeMerged(merged: string): Verdict | undefined {
  const config = parseRecord(merged);
  if (config === undefined) return undefined;
  const { datasource_list: list, datasource, network, cloud_init_modules: modules } = config;
  const noCloud = isObject(datasource) ? datasource['NoCloud'] : undefined;
  const found: [string, unknown, boolean][] = [
    ['datasource_list', list, JSON.stringify(list) === '["NoCloud","None"]'],
    ['datasource: NoCloud', noCloud, noCloud === undefined || noCloud === null],
    ['network', network, network === undefined || network === null],
  ];
  return {
    wrong: found
      .filter(([, , right]) => !right)
      .map(([key, value]) => `${key}: ${value === undefined ? 'none' : JSON.stringify(value)}`),
    missingModules: ['users_groups', 'ssh'].filter((name) => !moduleNames(modules).includes(name)),
  };
}

/** A module may be listed as `users-groups` or `users_groups`, or as the first of a list with its frequency. */
function moduleNames(modules: unknown): string[] {
  if (!Array.isArray(modules)) return [];
  return modules.map((entry: unknown) => String(Array.isArray(entry) ? entry[0] : entry).replaceAll('-', '_'));
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The targets that a unit is to be started with, by its `[Install]` section (systemd.unit(5)). */
export function wantedBy(unit: string): string[] {
  return [...unit.matchAll(/^WantedBy=(.*)$/gm)].flatMap(([, names = '']) => names.trim().split(/\s+/)).filter(Boolean);
}
