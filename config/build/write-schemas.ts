import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { environmentSchema } from '../contract/schemas/environment.schema.ts';
import { hardwareFactsSchema } from '../contract/schemas/hardware-facts.schema.ts';
import { installerConfigSchema } from '../contract/schemas/installer-config.schema.ts';
import { statusEventSchema } from '../contract/schemas/status-event.schema.ts';
import { vmDefinitionSchema } from '../contract/schemas/vm-definition.schema.ts';

const schemas = [environmentSchema, hardwareFactsSchema, installerConfigSchema, statusEventSchema, vmDefinitionSchema];

/** Writes the schemas as JSON, each under the name that its `$id` ends with.
 * Usage: write-schemas.ts DIRECTORY [NAME…]: without names all of them. */
async function main([directory, ...names]: string[]): Promise<void> {
  if (directory === undefined) throw new Error('usage: write-schemas.ts DIRECTORY [NAME…]');
  await mkdir(directory, { recursive: true });
  for (const schema of schemas) {
    const name = basename(schema.$id);
    if (names.length > 0 && !names.includes(name)) continue;
    await writeFile(join(directory, name), `${JSON.stringify(schema, undefined, 2)}\n`);
  }
}

await main(process.argv.slice(2));
