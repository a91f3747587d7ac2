import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { run } from '../../../host/run.ts';
import { needs } from '../../support/requirements.ts';
import { requirements, unpackedByInstaller } from './support/imported.ts';
import type { TestLayer } from './support/oci-layout.ts';
import { layoutOf, rootLayer } from './support/oci-layout.ts';

const timeoutMs = 120_000;
needs('buildah');

/** Every file below srv: its name, type, mode, owner, number of names, and target or content. */
async function listSrv(root: string): Promise<string[]> {
  const format = '%P %y %m %U:%G %n %l\\n';
  const { stdout } = await run('find', [join(root, 'srv'), '-mindepth', '1', '-printf', format], { timeoutMs });
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  const { stdout: sums } = await run('find', [join(root, 'srv'), '-type', 'f', '-exec', 'grep', '-H', '', '{}', '+'], {
    timeoutMs,
  }).catch(() => ({ stdout: '' }));
  const contents = sums.split('\n').map((line) => line.replace(`${root}/srv/`, ''));
  return [...lines, ...contents].filter((line) => line !== '').sort();
}

/** What containers/storage, which is podman's and buildah's, makes of the same image. */
async function listedByBuildah(layout: string): Promise<string[]> {
  const cwd = dirname(layout);
  const store = ['--root', `${cwd}/store`, '--runroot', `${cwd}/run`, '--storage-driver', 'vfs'];
  const buildah = async (...args: string[]): Promise<string> =>
    (await run('buildah', [...store, ...args], { timeoutMs, cwd })).stdout.trim();
  const container = await buildah('from', await buildah('pull', '-q', 'oci:image.oci'));
  try {
    return await listSrv(await buildah('mount', container));
  } finally {
    await buildah('umount', container);
  }
}

const base = [
  { path: 'srv/' },
  { path: 'srv/a/', mode: 0o750, uid: 7 },
  { path: 'srv/a/one', content: 'one\n' },
  { path: 'srv/a/two', content: 'two\n', uid: 4242 },
  { path: 'srv/a/deep/', mode: 0o700 },
  { path: 'srv/a/deep/three', content: 'three\n' },
  { path: 'srv/link', symlink: 'a' },
  { path: 'srv/file', content: 'file\n', mode: 0o4755 },
  { path: 'srv/same', hardlink: 'srv/file', mode: 0o4755 },
];
const opaque = { path: 'srv/a/.wh..wh..opq' };
const news = [
  { path: 'srv/a/' },
  { path: 'srv/a/new', content: 'new\n' },
  { path: 'srv/a/deep/' },
  { path: 'srv/a/deep/four', content: 'four\n' },
];

/** Layers on top of the base, and names that must be there with their content, and names that must not. */
interface Stack {
  layers: readonly TestLayer[];
  has?: readonly string[];
  hasNot?: readonly string[];
  /** buildah does it in another way, for a reason. */
  differs?: string;
}

const stacks: Record<string, Stack> = {
  'a file, a directory and a link are hidden, by a mark that is a hard link too': {
    layers: [[{ path: 'srv/.wh.link' }, { path: 'srv/a/.wh.deep' }, { path: 'srv/a/.wh.one', hardlink: 'srv/file' }]],
    has: ['a/two:two'],
    hasNot: ['link', 'a/deep', 'a/one', '.wh'],
  },
  'what is missing can be hidden, also below what is missing': {
    layers: [[{ path: 'srv/.wh.nothing' }, { path: 'srv/a/.wh.nothing' }]],
    has: ['a/one:one'],
    hasNot: ['nothing'],
  },
  'a directory is hidden, and so is what was in it': {
    layers: [[{ path: 'srv/.wh.a' }, { path: 'srv/a/.wh.one' }]],
    hasNot: ['a '],
    differs: 'it wants the directory of the second mark',
  },
  'a directory is hidden and comes back in the next layer': {
    layers: [[{ path: 'srv/.wh.a' }], [{ path: 'srv/a/' }, { path: 'srv/a/five', content: 'five\n' }]],
    has: ['a/five:five'],
    hasNot: ['a/one'],
  },
  'an opaque directory, its mark first': {
    layers: [[opaque, ...news]],
    has: ['a/new:new'],
    hasNot: ['a/one', 'three'],
  },
  'an opaque directory, its mark last': {
    layers: [[...news, opaque]],
    has: ['a/deep/four:four'],
    hasNot: ['a/one', 'three'],
  },
  'a hidden name that the same layer brings back, its mark last': {
    layers: [[{ path: 'srv/a/one', content: 'other\n' }, { path: 'srv/a/.wh.one' }]],
    has: ['a/one:other'],
    differs: 'it goes by the order, against the specification',
  },
  'a file takes the place of a directory': {
    layers: [[{ path: 'srv/a', content: 'no directory\n' }]],
    has: ['a:no directory'],
    hasNot: ['a/one'],
  },
  'a link takes the place of a directory': {
    layers: [[{ path: 'srv/b/' }, { path: 'srv/a', symlink: 'b' }]],
    has: ['a l '],
    hasNot: ['a/one', 'b/one'],
  },
  'a mark in a directory that becomes a link in the same layer': {
    layers: [
      [
        { path: 'srv/b/' },
        { path: 'srv/b/one', content: 'kept\n' },
        { path: 'srv/a', symlink: 'b' },
        { path: 'srv/a/.wh.one' },
      ],
    ],
    has: ['b/one:kept'],
    differs: 'it follows the new link',
  },
  'a directory takes the place of a link, and what the link led to stays': {
    layers: [[{ path: 'srv/link/' }, { path: 'srv/link/.wh..wh..opq' }, { path: 'srv/link/new', content: 'new\n' }]],
    has: ['link/new:new', 'a/one:one'],
    hasNot: ['link/one'],
  },
  'a directory takes the place of a file': {
    layers: [[{ path: 'srv/file/' }, { path: 'srv/file/in', content: 'in\n' }]],
    has: ['file/in:in', 'same:file'],
  },
  'names through a link of a layer below are those that the link leads to': {
    layers: [
      [
        { path: 'srv/up', symlink: '../../../srv/a' },
        { path: 'srv/abs', symlink: '/srv/a' },
      ],
      [
        { path: 'srv/up/six', content: 'six\n' },
        { path: 'srv/abs/seven', content: 'seven\n' },
      ],
    ],
    has: ['a/six:six', 'a/seven:seven', 'up l '],
  },
  'a mark through a link of a layer below hides what the link leads to': {
    layers: [[{ path: 'srv/link/.wh.one' }, { path: 'srv/link/deep/.wh.three' }]],
    has: ['a/two:two', 'link l '],
    hasNot: ['one', 'three'],
  },
  'a mark through a link that the same layer replaces by a directory hides nothing': {
    layers: [[{ path: 'srv/link/' }, { path: 'srv/link/.wh.one' }, { path: 'srv/link/new', content: 'new\n' }]],
    has: ['link/new:new', 'a/one:one'],
  },
  'a mark through a link that the same layer replaces by another link hides nothing': {
    layers: [
      [{ path: 'srv/b/' }, { path: 'srv/b/one', content: 'b\n' }],
      [{ path: 'srv/link', symlink: 'b' }, { path: 'srv/link/.wh.one' }],
    ],
    has: ['a/one:one', 'b/one:b'],
    differs: 'it follows the new link',
  },
  'a mark through a link out of the root hides what is inside it': {
    layers: [[{ path: 'srv/up', symlink: '../../../srv/a' }], [{ path: 'srv/up/.wh.one' }]],
    has: ['a/two:two'],
    hasNot: ['one'],
  },
  'a file that later has files in it becomes a directory': {
    layers: [[{ path: 'srv/file/in', content: 'in\n' }]],
    has: ['file/in:in'],
    differs: 'it refuses',
  },
  'a hard link to a file of a layer below': {
    layers: [[{ path: 'srv/third', hardlink: 'srv/file', mode: 0o4755 }], [{ path: 'srv/file', content: 'other\n' }]],
    has: ['third:file', 'same:file', 'file:other', 'third f 4755 0:0 2'],
  },
  'a hard link takes the place of another one': {
    layers: [
      [
        { path: 'srv/file', content: 'newer\n' },
        { path: 'srv/same', hardlink: 'srv/file' },
      ],
    ],
    has: ['file:newer', 'same:newer'],
  },
  'a hard link to a file that the same layer hides': {
    layers: [[{ path: 'srv/.wh.file' }, { path: 'srv/.wh.same' }, { path: 'srv/moved', hardlink: 'srv/file' }]],
    has: ['moved:file', 'moved f 4755 0:0 1'],
    hasNot: ['same', 'file f'],
    differs: 'it fails',
  },
  'a hard link to a link': {
    layers: [[{ path: 'srv/link2', hardlink: 'srv/link', mode: 0o777 }]],
    has: ['link2 l 777 0:0 2 a'],
    differs: 'it makes two links',
  },
  'names that begin with a dot, with a slash, with both, and with two': {
    layers: [
      [
        { path: './srv/dot', content: 'dot\n' },
        { path: '/srv/slash', content: 'slash\n' },
        { path: './/srv//twice', content: 'twice\n' },
        { path: 'srv/a/../way', content: 'way\n' },
        { path: './srv/./.wh.file' },
      ],
    ],
    has: ['dot:dot', 'slash:slash', 'twice:twice', 'way:way', 'same:file'],
    hasNot: ['file '],
  },
  'of several entries of one name the last one counts': {
    layers: [
      [
        { path: 'srv/n', content: 'first\n' },
        { path: 'srv/n', symlink: 'a' },
        { path: 'srv/n', content: 'last\n' },
      ],
    ],
    has: ['n:last'],
    differs: 'it refuses',
  },
  'what aufs needs for itself is no file': {
    layers: [[{ path: '.wh..wh.plnk/' }, { path: '.wh..wh.plnk/1.2', content: 'x' }, { path: 'srv/.wh..wh.aufs' }]],
    has: ['a/one:one'],
    hasNot: ['.wh'],
  },
  'an empty layer': { layers: [Buffer.alloc(1024), []], has: ['a/one:one'] },
};

for (const [title, { layers, has = [], hasNot = [], differs }] of Object.entries(stacks)) {
  test(`${title}${differs === undefined ? '' : ` (buildah: ${differs})`}`, requirements, async (context) => {
    const layout = await layoutOf(context, [await rootLayer(context), base, ...layers]);

    const listed = await listSrv(await unpackedByInstaller(context, layout));

    for (const wanted of has)
      assert.ok(
        listed.some((line) => line.startsWith(wanted)),
        `${wanted}: ${listed.join('\n')}`,
      );
    for (const unwanted of hasNot)
      assert.ok(!listed.some((line) => line.includes(unwanted)), `${unwanted}: ${listed.join('\n')}`);
    if (differs === undefined) assert.deepEqual(listed, await listedByBuildah(layout));
  });
}
