import assert from 'node:assert/strict';
import { test } from 'node:test';

import { resolve } from '../../definitions/resolve.ts';
import { whyUnread } from '../../definitions/unread-file.ts';
import { describeCopy } from '../../kit/copied-file.ts';
import { describeFault } from '../../kit/fault.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import { good, line } from '../support/lint-one.ts';

const inConflict = 'a copy of a version in conflict, made by a program that synchronises files, of';
const duplicate = 'a copy, made by a file manager or browser, of';
const backup = 'an older version, kept by an editor, of';
const named: [string, string][] = [
  ['web1.sync-conflict-20260102-030405-ABCDEFG.json', inConflict],
  ['web1 (conflicted copy 2026-01-02 030405).json', inConflict],
  ["web1 (Ann's conflicted copy 2026-01-02).json", inConflict],
  ['web1_conflict-20260102-030405.json', inConflict],
  ['web1 2.json', duplicate],
  ['web1 copy.json', duplicate],
  ['web1 copy 3.json', duplicate],
  ['web1 (copy).json', duplicate],
  ['web1 (another copy).json', duplicate],
  ['web1 (3rd copy).json', duplicate],
  ['web1 (1).json', duplicate],
  ['web1 - Copy.json', duplicate],
  ['web1 - Copy (2).json', duplicate],
  ['Copy of web1.json', duplicate],
  ['web1.json~', backup],
  ['web1.json.~2~', backup],
  ['web1.json.bak', backup],
  ['web1.json.orig', backup],
  ['web1.json.save.1', backup],
  ['.#web1.json', "Emacs's mark that somebody edits"],
  ['#web1.json#', 'an unsaved version, kept by Emacs, of'],
  ['.web1.json.swp', "Vim's mark that somebody edits"],
  ['._web1.json', "macOS's attributes, on a file system that has no place for them, of"],
];
for (const [name, what] of named) {
  test(`${name} is named as what it is`, () => {
    assert.deepEqual(describeCopy(name), { of: 'web1.json', what });
  });
}

test('names that people give are no copies', () => {
  for (const name of [
    'web1.json',
    'web-2.json',
    'copy.json',
    'web1.copy.json',
    'bak.json',
    'my_conflict.json',
    'web1.json5',
  ])
    assert.equal(describeCopy(name), undefined, name);
});

/** What is said of a file whose content is that of web1, next to these other files. */
function faultOf(file: string, ...others: string[]): string {
  const text = JSON.stringify(good);
  const files = [file, ...others]
    .toSorted()
    .map((name) => ({ file: name, fingerprint: '', kind: 'read' as const, text }));
  const entry = resolve(undefined, files, new Date()).entries.find((candidate) => candidate.file === file);
  return entry?.faults.map(describeFault).join('\n') ?? '';
}

const differs = '/name "web1": differs from the file name';
const advice: [string, string[], string][] = [
  ['web2.json', [], `${differs}; rename the file to web1.json or set "name" to "web2"`],
  ['web2.json', ['web1.json'], `${differs}; set "name" to "web2"`],
  ['web2.json', ['WEB1.json'], `${differs}; set "name" to "web2"`],
  ['web 1.json', [], `${differs}, which is ${duplicate} web.json; rename the file to web1.json`],
  ['wpad.json', [], `${differs}; rename the file to web1.json`],
  ['wpad.json', ['web1.json'], `${differs}; keep in web1.json what is right, and remove this file`],
  ['web1 2.json', [], `${differs}, which is ${duplicate} web1.json; rename the file to web1.json`],
  [
    'web1 2.json',
    ['web1.json'],
    `${differs}, which is ${duplicate} web1.json; keep in web1.json what is right, and remove this file`,
  ],
  [
    'web1.sync-conflict-20260102-030405-ABCDEFG.json',
    ['web1.json'],
    `${differs}, which is ${inConflict} web1.json; keep in web1.json what is right, and remove this file`,
  ],
];
for (const [file, others, says] of advice) {
  test(`the advice on ${file} next to ${others.join(', ') || 'nothing'} overwrites nothing and is valid`, () => {
    assert.ok(faultOf(file, ...others).endsWith(says), faultOf(file, ...others));
  });
}

const unread: [string, string[], string][] = [
  ['Web7.JSON', [], 'rename it to "web7.json"'],
  ['Web7.JSON', ['web7.json'], 'keep in "web7.json" what is right, and remove this one'],
  ['Web7.JSON', ['WEB7.json'], 'keep in "WEB7.json" what is right, and remove this one'],
  ['my web.json.txt', [], 'rename it to <name>.json, with a "name" of letters, digits and hyphens inside'],
];
for (const [name, others, fix] of unread) {
  test(`the advice on ${name}, which is not read, next to ${others.join(', ') || 'nothing'} is checked too`, () => {
    const problem = 'looks like a definition and is not read: its name does not end in ".json"';

    assert.deepEqual(whyUnread(name, [name, ...others]), { isCopy: false, problem, fix });
  });
}

test('what is read, and what has nothing of a definition, is not unread', () => {
  for (const name of ['web1.json', 'web1 2.json', '.hidden.json', 'README.md', 'web1.noreboot', '..data'])
    assert.equal(whyUnread(name, [name]), undefined, name);
});

test('lint notes copies that are not read, and checks its advice on capital letters and guest names', () => {
  const text = JSON.stringify({ ...good, name: 'my_vm', mac: '52:54:00:00:00:02', ip: '10.0.0.21' });
  const files = ['Web1.json', 'my-vm.json', 'my_vm.json', 'web1.json'];
  const scanned = files.map((file) => ({
    file,
    fingerprint: '',
    kind: 'read' as const,
    text: file === 'my_vm.json' ? text : '{}',
  }));
  const state = resolve(undefined, scanned, new Date());

  const found = lintDefinitions({ names: [...files, 'web1.json~', '.#web1.json'], texts: new Map(), state }).map(line);

  for (const expected of [
    /^note file-copy web1\.json~ "web1\.json~": is an older version, kept by an editor, of web1\.json, and is not read; nothing has to be done/,
    /^note file-copy \.#web1\.json /,
    /^note file-name-case Web1\.json .*; keep in "web1\.json" what is right, and remove this one$/,
    /^warning guest-name my_vm\.json .*; nothing has to be done; to have one name, choose a host name$/,
  ])
    assert.ok(
      found.some((text) => expected.test(text)),
      `${String(expected)}\n${found.join('\n')}`,
    );
});
