// A hundred thousand files that somebody may have saved as definitions, through all that is made of them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import fc from 'fast-check';

import { changesBetween } from '../../../vm_watcher/src/decide/changes.ts';
import { hostsFiles } from '../../../vm_watcher/src/decide/hosts-files.ts';
import { loadTemplates } from '../../../boot_handler/src/templates.ts';
import type { PublishedState } from '../../contract/published-state.ts';
import { definitionsInForce, formatPublishedState, parsePublishedState } from '../../contract/published-state.ts';
import { scanDefinitions } from '../../definitions/read/scan.ts';
import { resolve } from '../../definitions/resolve.ts';
import { createLog } from '../../host/log.ts';
import { describeFault } from '../../kit/fault.ts';
import { escapeJson } from '../../kit/text.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import type { DefinitionFile } from '../support/fuzz/definition-files.ts';
import { definitionFile } from '../support/fuzz/definition-files.ts';
import { fuzzSettings } from '../support/fuzz/fuzz-settings.ts';
import { assertOneLine } from '../support/fuzz/one-line.ts';
import { assertHostsFiles } from './support/check-hosts-files.ts';
import { assertOwnValues } from './support/check-own-values.ts';
import { imageOf } from './support/fuzz-image.ts';
import { assertRendered, assertWhyScript } from './support/check-rendered.ts';

const { seed, count } = fuzzSettings('definitions');
/** Files of one directory; a second version of it follows, so that faulty files meet earlier good ones. */
const filesPerVersion = 16;
/** A file is saved for sure when it is older than the clock of its file system ticks. */
const savedAt = new Date(2020, 1, 1);
const network = {
  dhcpRangeStart: '192.168.105.40',
  dhcpRangeEnd: '192.168.105.50',
  cidr: '192.168.105.1/24',
  cidrsV6: ['fd00:105::1/64'],
};

/** undefined: no file, so that a failing directory can be made smaller. */
const version = fc.array(fc.option(definitionFile, { freq: 200, nil: undefined }), {
  minLength: filesPerVersion,
  maxLength: filesPerVersion,
});

let directory: string;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'fuzz-definitions-'));
});
after(() => rmSync(directory, { recursive: true }));

function save(vmsDir: string, files: readonly (DefinitionFile | undefined)[]): number {
  let saved = 0;
  for (const file of files) {
    if (file === undefined) continue;
    const path = Buffer.concat([Buffer.from(`${vmsDir}/`), file.name]);
    writeFileSync(path, file.content);
    utimesSync(path, savedAt, savedAt);
    saved += 1;
  }
  return saved;
}

test('whatever is saved as a definition breaks nothing, and gets into nothing but its own place', async () => {
  const templates = await loadTemplates(join(import.meta.dirname, '../../../boot_handler/templates'));
  const seen = { files: 0, active: 0, lastGood: 0, faults: 0, scripts: 0, plans: 0 };
  const texts = new Map<string, string>();

  async function look(vmsDir: string, previous: PublishedState | undefined): Promise<PublishedState> {
    const names = readdirSync(vmsDir);
    const scanned = await scanDefinitions(vmsDir, previous);
    const next = resolve(previous, scanned, new Date(0));
    for (const file of scanned) if (file.kind === 'read') texts.set(file.file, file.text);

    for (const change of changesBetween(previous, next)) logged(change.message, change.fields);
    const published = formatPublishedState(next);
    assert.deepEqual(parsePublishedState(published), { ok: true, value: next });
    assert.equal(published.split('\n').length, Math.max(next.entries.length, 1) + 3);

    const active = definitionsInForce(next);
    const images = new Map(
      active.flatMap((vm) =>
        (['x86_64', 'aarch64'] as const).map((arch) => [`${vm.distro}/${arch}`, imageOf({ ...vm, arch })]),
      ),
    );
    const findings = lintDefinitions({
      names,
      texts: new Map(scanned.flatMap((one) => (one.kind === 'read' ? [[one.file, one.text] as const] : []))),
      state: next,
      images,
      network,
    });
    for (const found of findings) assertOneLine(describeFault(found), `a finding of ${found.rule}`);
    assert.doesNotMatch(escapeJson(JSON.stringify({ findings }, undefined, 2)), /[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
    for (const { faults } of next.entries) for (const fault of faults) assertOneLine(describeFault(fault), 'a fault');

    assertHostsFiles(hostsFiles(active), active);
    for (const { file, state, definition } of next.entries) {
      if (state === 'ok' && definition !== undefined) assertOwnValues(file, texts.get(file) ?? '', definition);
    }
    for (const vm of active) {
      const { script, plan } = assertRendered(templates, vm);
      seen.scripts += Number(script);
      seen.plans += Number(plan);
    }
    assertWhyScript(templates, next.entries);

    seen.active += active.length;
    seen.lastGood += next.entries.filter(({ state }) => state === 'last-good').length;
    seen.faults += next.entries.reduce((sum, { faults }) => sum + faults.length, 0);
    return next;
  }

  const property = fc.asyncProperty(version, version, async (first, second) => {
    const vmsDir = join(directory, 'vms');
    mkdirSync(vmsDir);
    texts.clear();
    try {
      seen.files += save(vmsDir, first);
      const state = await look(vmsDir, undefined);
      seen.files += save(vmsDir, second);
      await look(vmsDir, state);
    } finally {
      rmSync(vmsDir, { recursive: true });
    }
  });
  await fc.assert(property, { seed, numRuns: Math.ceil((count / (2 * filesPerVersion)) * 1.02) });

  console.log(`fuzz definitions: ${JSON.stringify(seen)}, ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);
  assert.ok(seen.files >= count, `${seen.files} files were made`);
  for (const [what, number] of Object.entries(seen))
    assert.ok(number > count / 100, `few of what was made led to ${what}: ${number}`);
});

/** vm_watcher's line about a change. */
function logged(message: string, fields: Record<string, string>): void {
  createLog('vm_watcher', (line) => {
    assertOneLine(line, 'a line of the log');
    assert.match(line, /^\d{4}-\S+Z info vm_watcher vm (?:added|changed|removed|file \S+)/);
  }).info(message, fields);
}
