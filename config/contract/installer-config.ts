import type { Result } from '../kit/fault.ts';
import { parseJsonObject } from '../kit/json.ts';
import { parseMac } from '../kit/mac.ts';
import { architectures } from './architecture.ts';
import { installerConfigSchema } from './schemas/installer-config.schema.ts';
import type { DocumentOf } from './schemas/schema.ts';
import { compileParser } from './validator.ts';

type WrittenInstallerConfig = DocumentOf<typeof installerConfigSchema>;

/** What `GET /config/<mac>` answers. */
export interface InstallerConfig extends WrittenInstallerConfig {
  /** Empty: not told. */
  mac: string;
  /** Empty: nowhere. */
  status_url: string;
  console: string;
}

const parse = compileParser(installerConfigSchema);

/** Parses, validates and completes the installer's configuration; the seven contract fields alone are enough.
 * @param source the URL it came from, for faults */
export function parseInstallerConfig(source: string, text: string): Result<InstallerConfig> {
  const json = parseJsonObject(source, text);
  if (!json.ok) return json;
  const written = parse(source, json.value);
  return written.ok ? { ok: true, value: complete(written.value) } : written;
}

function complete(written: WrittenInstallerConfig): InstallerConfig {
  return {
    ...written,
    cloud_init_url: written.cloud_init_url.replace(/\/+$/, ''),
    mac: parseMac(written.mac ?? '') ?? '',
    status_url: written.status_url ?? '',
    console: written.console ?? architectures[written.arch].console,
  };
}
