import installerConfigSchema from './schemas/installer-config.schema.json' with { type: 'json' };

import type { Arch } from './architecture.ts';
import { architectures } from './architecture.ts';
import type { DiskHints } from './disk-hints.ts';
import { parseJsonObject } from '../kit/json.ts';
import { parseMac } from '../kit/mac.ts';
import type { Result } from '../kit/result.ts';
import { compileValidator } from './validator.ts';

/** What `GET /config/<mac>` answers. */
export interface InstallerConfig {
  /** Base of the seed: the installer appends `/meta-data`, `/user-data`, `/network-config` and `/vendor-data`. */
  cloud_init_url: string;
  distro: string;
  arch: Arch;
  rootfs_url: string;
  kmods_url: string;
  kernel_url: string;
  /** false: stay in the installer's shell after success. */
  reboot_on_success: boolean;
  vm: string;
  mac: string;
  /** Where events go; empty: nowhere. */
  status_url: string;
  /** Value of the installed system's `console=`. */
  console: string;
  kernel_args: string[];
  disk: DiskHints;
  initramfs: 'auto' | 'generate';
  /** A system of this VM that is already installed is kept. */
  once: boolean;
  /** Asks for a reinstallation, if the installed system has not been made for this very token; empty: nothing is asked. */
  reinstall_token: string;
}

type ContractFields = 'cloud_init_url' | 'distro' | 'arch' | 'rootfs_url' | 'kmods_url' | 'kernel_url';
type WrittenInstallerConfig = Pick<InstallerConfig, ContractFields | 'reboot_on_success'> & Partial<InstallerConfig>;

const validate = compileValidator(installerConfigSchema);

/** Parses, validates and completes the installer's configuration; the seven contract fields alone are enough.
 * @param source the URL it came from, for faults */
export function parseInstallerConfig(source: string, text: string): Result<InstallerConfig> {
  const json = parseJsonObject(source, text);
  if (!json.ok) return json;
  const faults = validate(source, json.value);
  if (faults.length > 0) return { ok: false, faults };
  // The schema has just proven the shape.
  return { ok: true, value: complete(json.value as unknown as WrittenInstallerConfig) };
}

function complete(written: WrittenInstallerConfig): InstallerConfig {
  return {
    cloud_init_url: written.cloud_init_url.replace(/\/+$/, ''),
    distro: written.distro,
    arch: written.arch,
    rootfs_url: written.rootfs_url,
    kmods_url: written.kmods_url,
    kernel_url: written.kernel_url,
    reboot_on_success: written.reboot_on_success,
    vm: written.vm ?? '',
    mac: parseMac(written.mac ?? '') ?? '',
    status_url: written.status_url ?? '',
    console: written.console ?? architectures[written.arch].console,
    kernel_args: written.kernel_args ?? [],
    disk: written.disk ?? {},
    initramfs: written.initramfs ?? 'auto',
    once: written.once ?? false,
    reinstall_token: written.reinstall_token ?? '',
  };
}
