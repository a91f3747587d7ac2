import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { execa } from 'execa';

const project = join(import.meta.dirname, '../../../..');
const trim = join(project, 'config/build/trim-icu.ts');

/** What the installer and the libraries in it ask of Node, and what a person might add; each gives a value or throws. */
const wanted: readonly [expression: string, value: unknown][] = [
  ['new TextDecoder().decode(new TextEncoder().encode("é€😀"))', 'é€😀'],
  [
    '(() => { const d = new TextDecoder(); const n = (...b) => d.decode(new Uint8Array(b), { stream: true }); return n(0xe2, 0x82) + n(0xac) })()',
    '€',
  ],
  [
    '(() => { try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { return e.code } })()',
    'ERR_ENCODING_INVALID_ENCODED_DATA',
  ],
  ['new TextDecoder("utf-16le").decode(new Uint8Array([65, 0]))', 'A'],
  ['new TextDecoder("latin1").decode(new Uint8Array([0xe9]))', 'é'],
  ['new URL("http://bücher.example/ä b?q=ü").href', 'http://xn--bcher-kva.example/%C3%A4%20b?q=%C3%BC'],
  ['new URL("http://[::1]:80/x").host', '[::1]'],
  ['new RegExp("^\\\\p{L}+$", "u").test("é")', true],
  ['new RegExp("\\\\p{Script=Greek}", "u").test("α")', true],
  ['new RegExp("\\\\p{Emoji}", "u").test("😀")', true],
  ['new RegExp("[\\\\p{L}--[a-z]]", "v").test("Q")', true],
  ['/É/iu.test("é")', true],
  [
    '["ÉSS".toLowerCase(), "straße".toUpperCase(), "é".normalize("NFD").length, "ﬁ".normalize("NFKC")].join()',
    'éss,STRASSE,2,fi',
  ],
  ['new Date(0).toISOString()', '1970-01-01T00:00:00.000Z'],
  ['new Date(0).getHours()', 1],
  ['new Date(0).toLocaleString("en-US", { timeZone: "UTC" }).replace(/\\s/g, " ")', '1/1/1970, 12:00:00 AM'],
  ['(1234.5).toLocaleString("en-US")', '1,234.5'],
  ['["b", "a", "Z"].sort(new Intl.Collator("en").compare).join("")', 'abZ'],
  ['"a".localeCompare("b")', -1],
  ['[...new Intl.Segmenter("en").segment("ab")].length', 2],
  ['require("node:zlib").gunzipSync(require("node:zlib").gzipSync("x")).toString()', 'x'],
  ['require("node:zlib").zstdDecompressSync(require("node:zlib").zstdCompressSync("x")).toString()', 'x'],
  ['require("node:crypto").createHash("sha256").update("").digest("hex").slice(0, 8)', 'e3b0c442'],
];
/** Other languages are served in English, or in none, but end nothing. */
const harmless = ['(1234.5).toLocaleString("de")', '"a".localeCompare("b", "zh")', 'new Date(0).toLocaleString("ja")'];

describe("a Node with ICU's data of English alone", () => {
  let work: string;
  let trimmed: string;
  let said: string;

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'trim-icu-'));
    trimmed = join(work, 'node');
    copyFileSync(process.execPath, trimmed);
    chmodSync(trimmed, 0o755);
    said = (await execa(process.execPath, [trim, trimmed], { all: true })).all;
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  async function evaluate(expressions: readonly string[]): Promise<unknown> {
    const script = `console.log(JSON.stringify([${expressions.join(',\n')}]))`;
    const { stdout } = await execa(trimmed, ['-e', script], { env: { TZ: 'Europe/Berlin', LANG: 'C' } });
    return JSON.parse(stdout) as unknown;
  }

  test('keeps its length, and says what was taken', () => {
    assert.equal(statSync(trimmed).size, statSync(process.execPath).size);
    assert.match(said, /: \d{8} bytes of ICU data are zeros, \d+ of \d{4} items are left$/);
  });

  test('gives the same answers to all that the installer asks', async () => {
    assert.deepEqual(
      await evaluate(wanted.map(([expression]) => expression)),
      wanted.map(([, value]) => value),
    );
  });

  test('serves a language that it has no data of without ending', async () => {
    assert.equal(((await evaluate(harmless)) as unknown[]).length, harmless.length);
  });

  test('fetches over HTTP with fetch', async () => {
    const script =
      'const s = require("node:http").createServer((q, r) => r.end("ü " + q.url)).listen(0, "127.0.0.1", async () => {' +
      'console.log(await (await fetch(`http://127.0.0.1:${s.address().port}/é`)).text()); s.close(); s.closeAllConnections() })';

    assert.equal((await execa(trimmed, ['-e', script])).stdout, 'ü /%C3%A9');
  });

  test('is not trimmed a second time: the data is no longer what is expected', async () => {
    const before = readFileSync(trimmed);

    await assert.rejects(execa(process.execPath, [trim, trimmed]), /its ICU data has 77 items only/);
    assert.ok(readFileSync(trimmed).equals(before));
  });
});

describe('a file that is not the Node that is expected', () => {
  for (const [what, alter, reason] of [
    ['without ICU data', (): Buffer => Buffer.alloc(1000), 'it holds 0 packages of ICU data, not 1'],
    [
      'with two packages of it',
      (node): Buffer => Buffer.concat([node, packageOf(node)]),
      'it holds 2 packages of ICU data, not 1',
    ],
    ['with an item that begins elsewhere', shiftItem, 'of its ICU data has no header at byte'],
    ['with a name of another kind', renameItem, 'of its ICU data has the name'],
  ] as readonly [string, (node: Buffer) => Buffer, string][]) {
    test(`${what} is refused and left as it was`, async () => {
      const work = mkdtempSync(join(tmpdir(), 'trim-icu-'));
      try {
        const file = join(work, 'node');
        const content = alter(readFileSync(process.execPath));
        writeFileSync(file, content);

        const { exitCode, stderr } = await execa(process.execPath, [trim, file], { reject: false });

        assert.equal(exitCode, 1);
        assert.ok(stderr.startsWith(`trim "${file}": `) && stderr.includes(reason), stderr);
        assert.ok(readFileSync(file).equals(content));
      } finally {
        rmSync(work, { recursive: true });
      }
    });
  }
});

/** Where the package begins: two bytes before its magic numbers, of those that have the format's name. */
function startOf(node: Buffer): number {
  return node.indexOf(Buffer.from('CmnD\x01', 'latin1')) - 12;
}

function packageOf(node: Buffer): Buffer {
  return node.subarray(startOf(node), startOf(node) + 1000);
}

function tableOf(node: Buffer): number {
  return startOf(node) + node.readUInt16LE(startOf(node));
}

function shiftItem(node: Buffer): Buffer {
  const second = tableOf(node) + 4 + 8 + 4;
  node.writeUInt32LE(node.readUInt32LE(second) + 16, second);
  return node;
}

function renameItem(node: Buffer): Buffer {
  const table = tableOf(node);
  node.write('other', table + node.readUInt32LE(table + 4), 'latin1');
  return node;
}
