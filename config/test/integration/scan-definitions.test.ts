import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { createContentMemory } from '../../definitions/content-memory.ts';
import { fingerprintOf, scanDefinitions } from '../../definitions/read/scan.ts';
import { resolve, sameFiles } from '../../definitions/resolve.ts';
import { run } from '../../host/run.ts';

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vms-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const web1 = '{"name":"web1","role":"target","arch":"x86_64","mac":"52:54:00:00:00:01","distro":"d"}';

test('only *.json counts, without dot files, sorted', async () => {
  await withDirectory(async (directory) => {
    for (const name of ['b.json', 'a.json', '.c.json', 'd.json.swp', 'e.noreboot', 'f.JSON~']) {
      await writeFile(join(directory, name), name);
    }

    const scanned = await scanDefinitions(directory, undefined);

    assert.deepEqual(
      scanned.map((file) => [file.file, file.kind === 'read' ? file.text : file.kind]),
      [
        ['a.json', 'a.json'],
        ['b.json', 'b.json'],
      ],
    );
  });
});

test('a good file is read once; changed, it is read again; a broken one is read each time', async () => {
  await withDirectory(async (directory) => {
    await writeFile(join(directory, 'web1.json'), web1);
    await writeFile(join(directory, 'broken.json'), '{');
    const kinds = async () => (await scanDefinitions(directory, state)).map(({ file, kind }) => `${file} ${kind}`);
    const state = resolve(undefined, await scanDefinitions(directory, undefined), new Date());

    assert.deepEqual(await kinds(), ['broken.json read', 'web1.json unchanged']);
    await writeFile(join(directory, 'new'), web1);
    await rename(join(directory, 'new'), join(directory, 'web1.json'));
    assert.deepEqual(await kinds(), ['broken.json read', 'web1.json read']);
  });
});

test('the fingerprint belongs to the text: two writes of equal length in one instant are not taken for one', async () => {
  await withDirectory(async (directory) => {
    const path = join(directory, 'web1.json');
    for (let round = 0; round < 20; round++) {
      await writeFile(path, 'a');
      const scanning = scanDefinitions(directory, undefined);
      await writeFile(path, 'b');
      const [scanned] = await scanning;

      const same = (await fingerprintOf(path)) === scanned?.fingerprint;
      if (same) assert.equal(scanned?.kind === 'read' ? scanned.text : '', 'b', `round ${round}`);
    }
  });
});

test('directories, FIFOs, huge files and dangling links are each a fault of their own and stop nobody', async () => {
  await withDirectory(async (directory) => {
    await mkdir(join(directory, 'directory.json'));
    await run('mkfifo', [join(directory, 'fifo.json')], { timeoutMs: 5000 });
    await writeFile(join(directory, 'huge.json'), Buffer.alloc(1024 * 1024 + 1, 0x20));
    await symlink('/nowhere', join(directory, 'link.json'));
    await symlink('/etc/passwd', join(directory, 'out.json'));
    await symlink('web1.json', join(directory, 'same.json'));
    // As Kubernetes mounts a ConfigMap.
    await mkdir(join(directory, '..2026_01'));
    await writeFile(join(directory, '..2026_01/deep.json'), web1);
    await symlink('..2026_01', join(directory, '..data'));
    await symlink('..data/deep.json', join(directory, 'deep.json'));
    await mkdir(`${directory}-next`);
    await writeFile(`${directory}-next/next.json`, web1);
    await symlink(`${directory}-next/next.json`, join(directory, 'next.json'));
    await writeFile(join(directory, 'latin1.json'), Buffer.from('{\n"n\xe9": 1}', 'latin1'));
    // As PowerShell's `>` and Windows's Notepad ("Unicode") write it, and without its mark.
    await writeFile(join(directory, 'utf16.json'), Buffer.from(`\ufeff${web1}`, 'utf16le'));
    await writeFile(join(directory, 'utf16be.json'), Buffer.from(web1, 'utf16le').swap16());
    await writeFile(join(directory, 'utf16le.json'), Buffer.from(web1, 'utf16le'));
    await writeFile(join(directory, 'utf8.json'), Buffer.from([0x7b, 0xff, 0x7d]));
    await writeFile(join(directory, 'web1.json'), web1);

    const scanned = await scanDefinitions(directory, undefined);
    await rm(`${directory}-next`, { recursive: true });

    assert.deepEqual(
      scanned.map((file) => `${file.file} ${file.kind === 'unreadable' ? file.problem : file.kind}`),
      [
        'deep.json read',
        'directory.json is not a regular file',
        'fifo.json is not a regular file',
        'huge.json is larger than 1048576 bytes',
        'latin1.json is not valid UTF-8: line 2',
        'link.json is a symbolic link that leads nowhere here',
        'next.json is a symbolic link that leads out of the vms directory',
        'out.json is a symbolic link that leads out of the vms directory',
        'same.json read',
        'utf16.json is UTF-16, not UTF-8',
        'utf16be.json is UTF-16, not UTF-8',
        'utf16le.json is UTF-16, not UTF-8',
        'utf8.json is not valid UTF-8: line 1',
        'web1.json read',
      ],
    );
  });
});

test('with a memory of contents, equal bytes are a repetition and other bytes under the same fingerprint are read', async () => {
  await withDirectory(async (directory) => {
    const [file, contents] = [join(directory, 'web1.json'), createContentMemory({ hotMs: 60_000, filesPerScan: 8 })];
    await writeFile(file, web1);
    await writeFile(join(directory, 'broken.json'), '{');
    const scan = () => scanDefinitions(directory, state, { contents });
    let state = resolve(undefined, await scanDefinitions(directory, undefined, { contents }), new Date());
    assert.ok(sameFiles(state, await scan()), 'nothing changed');

    await writeFile(file, web1.replace('01"', '02"'));
    // As on a share whose times did not advance: the state already has the new fingerprint.
    const fingerprint = (await fingerprintOf(file)) ?? '';
    state = {
      ...state,
      entries: state.entries.map((entry) => (entry.state === 'ok' ? { ...entry, fingerprint } : entry)),
    };
    const files = await scan();

    assert.deepEqual(
      files.map(({ kind }) => kind),
      ['read', 'read'],
    );
    assert.ok(!sameFiles(state, files));
    state = resolve(state, files, new Date());
    assert.equal(state.entries[1]?.definition?.mac, '52:54:00:00:00:02');
    assert.ok(sameFiles(state, await scan()));
    await unlink(join(directory, 'broken.json'));
    assert.ok(!sameFiles(state, await scan()), 'a file has gone');
  });
});

test('a directory that is missing is an error that names it; a file that is gone has no fingerprint', async () => {
  await withDirectory(async (directory) => {
    await assert.rejects(scanDefinitions(join(directory, 'none'), undefined), /list the vms directory ".*none"/);
    await writeFile(join(directory, 'a'), '');
    await unlink(join(directory, 'a'));
    assert.equal(await fingerprintOf(join(directory, 'a')), undefined);
  });
});
