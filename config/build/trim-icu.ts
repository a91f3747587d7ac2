// Usage: node trim-icu.ts FILE: takes from a Node executable what only other languages than English need of ICU's data, in place.
// The file keeps its length and every address; what is taken is zeros afterwards, which compress to nothing: 12 MB of an initrd.
// Node built with "--with-intl=small-icu" has the same data. Nothing is written unless the data is what is expected, to the byte.
// @see https://unicode-org.github.io/icu/userguide/icu_data/, source/tools/toolutil/package.cpp: format of a data package
import { readFileSync, writeFileSync } from 'node:fs';

/** UDataInfo of a header: its magic numbers, at byte 2 of it, and the format "CmnD" 1.0 of a package, at byte 12. */
const headerMagic = Buffer.from([0xda, 0x27]);
const packageFormat = Buffer.from('CmnD\x01', 'latin1');

/** Items that are kept: data of no language, and what English resolves to, in each of the trees. */
const keptTrees = ['', 'brkitr/', 'coll/', 'curr/', 'lang/', 'region/', 'unit/', 'zone/'];
const keptResources = ['root', 'en', 'en_US', 'en_US_POSIX', 'pool', 'res_index', 'ucadata', 'supplementalData'];
const keptAlone =
  /^(?:(?:likelySubtags|numberingSystems|keyTypeData|timezoneTypes|zoneinfo64|metaZones|windowsZones|plurals|pluralRanges|dayPeriods|genderList|grammaticalFeatures|units|langInfo|currencyNumericCodes|icustd|icuver)\.res|.+\.(?:nrm|icu)|brkitr\/[a-z_]+\.brk)$/;
/** Names of characters, megabytes for what no program here asks. */
const takenAlone = 'unames.icu';

/** What of a package this program is sure of: it says so of Node 24's 4,305 items and refuses anything much smaller. */
const leastItems = 4_000;
const leastTakenBytes = 28_000_000;

interface Item {
  /** Without the package's own: `coll/root.res`. */
  name: string;
  /** From the package's table of contents on. */
  nameAt: number;
  dataAt: number;
}

export interface Trimmed {
  items: number;
  kept: string[];
  takenBytes: number;
}

/** Trims the data in place: the table of contents then has the kept items only, so that ICU falls back as it does for any language
 * that it has no data of.
 * @throws Error there is not exactly one package of ICU's data, or it is not built as expected; the bytes are as they were */
export function trimIcu(bytes: Buffer): Trimmed {
  const table = findTable(bytes);
  const items = readItems(bytes, table);
  const last = items.at(-1);
  if (items.length < leastItems || last === undefined) throw new Error(`its ICU data has ${items.length} items only`);
  const end = last.dataAt;
  // Where the last one ends is not in the package: it stays.
  const kept = items.filter((item) => isKept(item.name) || item === last);
  const keptStarts = new Set(kept.map(({ dataAt }) => dataAt));
  const taken = items.flatMap(({ dataAt }, index) =>
    keptStarts.has(dataAt) ? [] : [{ from: dataAt, to: items[index + 1]?.dataAt ?? end }],
  );
  const takenBytes = taken.reduce((sum, { from, to }) => sum + to - from, 0);
  const missing = ['root.res', 'en.res', 'coll/root.res', 'cnvalias.icu'].filter(
    (name) => !kept.some((item) => item.name === name),
  );
  if (missing.length > 0) throw new Error(`its ICU data lacks ${missing.join(', ')}`);
  if (takenBytes < leastTakenBytes) throw new Error(`its ICU data holds ${takenBytes} bytes of other languages only`);

  for (const { from, to } of taken) bytes.fill(0, table + from, table + to);
  writeTable(bytes, table, kept);
  return { items: items.length, kept: kept.map(({ name }) => name), takenBytes };
}

function isKept(name: string): boolean {
  if (name === takenAlone) return false;
  const [, tree = '', stem = '', kind] = /^((?:[a-z]+\/)?)([^/]+?)\.([a-z]+)$/.exec(name) ?? [];
  if (keptTrees.includes(tree) && keptResources.includes(stem) && (kind === 'res' || kind === 'icu')) return true;
  return keptAlone.test(name);
}

/** Where the one package's table of contents begins. */
function findTable(bytes: Buffer): number {
  const tables: number[] = [];
  for (let at = bytes.indexOf(headerMagic); at !== -1; at = bytes.indexOf(headerMagic, at + 1)) {
    if (at < 2 || !bytes.subarray(at + 10, at + 10 + packageFormat.length).equals(packageFormat)) continue;
    tables.push(at - 2 + bytes.readUInt16LE(at - 2));
  }
  const [table] = tables;
  if (table === undefined || tables.length > 1)
    throw new Error(`it holds ${tables.length} packages of ICU data, not 1`);
  return table;
}

/** A count, then two numbers for each item: where its name and its data begin. */
function readItems(bytes: Buffer, table: number): Item[] {
  const count = bytes.readUInt32LE(table);
  if (table + 4 + 8 * count > bytes.length) throw new Error(`its ICU data is said to have ${count} items`);
  const items = Array.from({ length: count }, (_, index): Item => {
    const nameAt = bytes.readUInt32LE(table + 4 + 8 * index);
    const dataAt = bytes.readUInt32LE(table + 8 + 8 * index);
    const whole = bytes.toString('latin1', table + nameAt, bytes.indexOf(0, table + nameAt));
    const name = /^icudt\d+l\/([\w./-]+)$/.exec(whole)?.[1];
    if (name === undefined)
      throw new Error(`item ${index} of its ICU data has the name ${JSON.stringify(whole.slice(0, 60))}`);
    return { name, nameAt, dataAt };
  });
  for (const [index, { name, dataAt }] of items.entries()) {
    const next = items[index + 1];
    if (next !== undefined && next.dataAt <= dataAt)
      throw new Error(`item ${name} of its ICU data ends before it begins`);
    const header = bytes.subarray(table + dataAt + 2, table + dataAt + 4);
    if (!header.equals(headerMagic))
      throw new Error(`item ${name} of its ICU data has no header at byte ${table + dataAt}`);
  }
  return items;
}

function writeTable(bytes: Buffer, table: number, kept: readonly Item[]): void {
  bytes.writeUInt32LE(kept.length, table);
  for (const [index, { nameAt, dataAt }] of kept.entries()) {
    bytes.writeUInt32LE(nameAt, table + 4 + 8 * index);
    bytes.writeUInt32LE(dataAt, table + 8 + 8 * index);
  }
}

function main(file: string): void {
  const bytes = readFileSync(file);
  try {
    const { items, kept, takenBytes } = trimIcu(bytes);
    writeFileSync(file, bytes);
    console.error(`trim ${file}: ${takenBytes} bytes of ICU data are zeros, ${kept.length} of ${items} items are left`);
  } catch (error) {
    console.error(
      `trim "${file}": ${error instanceof Error ? error.message : String(error)}; see config/build/trim-icu.ts`,
    );
    process.exitCode = 1;
  }
}

if (import.meta.main) main(process.argv[2] ?? '');
