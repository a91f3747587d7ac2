import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { PublishedImage } from '../../../contract/published-images.ts';
import { parsePublishedImages } from '../../../contract/published-images.ts';
import { lackOf, unlessMissing } from '../../support/requirements.ts';
import { debianRoot, emptyFiles, makeImage, tarOf } from '../../support/root-archive.ts';

const program = join(import.meta.dirname, '../../../inspect/main.ts');
const waitMs = 60_000;

describe('image-inspector', unlessMissing(lackOf('gzip')), () => {
  let [directory, images, published] = ['', '', ''];
  let child: ChildProcess;
  let log = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'inspector-'));
    [images, published] = [join(directory, 'images'), join(directory, 'images.json')];
    mkdirSync(images);
    log = '';
  });

  afterEach(async () => {
    await stop('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  function start(variables: NodeJS.ProcessEnv = {}): void {
    const env = { ...process.env, ...variables };
    child = spawn(process.execPath, [program, '--images', images, '--published', published], { env });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  }

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill(signal);
    await once(child, 'exit');
    return child.exitCode;
  }

  function now(): readonly PublishedImage[] {
    if (!existsSync(published)) return [];
    const read = parsePublishedImages(readFileSync(published, 'utf8'));
    return read.ok ? read.value.images : [];
  }

  async function until(what: string, holds: (image: PublishedImage | undefined) => boolean, image = 'd/x86_64') {
    const giveUpAt = performance.now() + waitMs;
    for (;;) {
      const found = now().find((one) => one.image === image);
      if (holds(found)) return found;
      assert.ok(performance.now() < giveUpAt, `${what}: ${JSON.stringify(found)}\n${log}`);
      await sleep(50);
    }
  }

  const isInspected = (image: PublishedImage | undefined): boolean => image?.state === 'inspected';
  const inspections = (): number => log.split(' inspecting ').length - 1;

  test('each image is read once, a changed one again, and one that is gone is forgotten; a restart reads none again', async () => {
    makeImage(join(images, 'd/x86_64'));
    makeImage(join(images, 'e/aarch64'));
    start();

    const sound = await until('d is inspected', isInspected);
    const other = await until('e is inspected', isInspected, 'e/aarch64');
    assert.deepEqual(sound?.faults, []);
    assert.equal(sound.facts?.family, 'debian');
    assert.match(other?.faults[0]?.problem ?? '', /e\/aarch64\/rootfs\.tar\.gz holds a system for x86_64/);
    assert.equal(inspections(), 2);

    assert.equal(await stop('SIGTERM'), 0);
    start();
    writeFileSync(join(images, 'd/x86_64/rootfs.tar.gz.new'), '<html>');
    renameSync(join(images, 'd/x86_64/rootfs.tar.gz.new'), join(images, 'd/x86_64/rootfs.tar.gz'));
    const page = await until('d is read again', (image) => image?.state === 'inspected' && image.faults.length > 0);
    assert.match(page?.faults[0]?.problem ?? '', /is an HTML page/);
    assert.equal(inspections(), 3, log);

    rmSync(join(images, 'e'), { recursive: true });
    await until('e is forgotten', (image) => image === undefined, 'e/aarch64');
    assert.equal(await stop('SIGTERM'), 0);
  });

  test('a file that grows is waited for, and what it was before says nothing any more', async () => {
    const whole = gzipSync(tarOf(debianRoot));
    const path = join(images, 'd/x86_64/rootfs.tar.gz');
    makeImage(join(images, 'd/x86_64'), { 'rootfs.tar.gz': '<html>' });
    start();
    await until('the page is seen', (image) => image?.faults.length === 1);

    writeFileSync(path, whole.subarray(0, 100));
    let at = 100;
    const isWaiting = (image: PublishedImage | undefined): boolean => {
      // It grows at each look of the test.
      appendFileSync(path, whole.subarray(at, ++at));
      return image?.reason === 'its files are still changing';
    };
    assert.equal((await until('it is waited for', isWaiting))?.state, 'waiting');
    appendFileSync(path, whole.subarray(at));

    assert.deepEqual((await until('it is whole', isInspected))?.faults, []);
    assert.equal(inspections(), 2, log);
  });

  test('a directory without a root file system waits, and one that is replaced while it is read gives no verdict', async () => {
    makeImage(join(images, 'd/x86_64'), { 'rootfs.tar': Buffer.concat([emptyFiles(400_000), tarOf(debianRoot)]) });
    makeImage(join(images, 'none/x86_64'));
    rmSync(join(images, 'none/x86_64/rootfs.tar.gz'));
    start();

    await until('it is being read', (image) => image?.reason === 'it is being inspected');
    writeFileSync(join(images, 'd/x86_64/rootfs.tar'), tarOf(debianRoot));
    const after = await until('the new one is inspected', isInspected);

    assert.equal(after?.facts?.files, debianRoot.length);
    assert.match(log, /changed while it was inspected image=d\/x86_64/);
    const none = await until('the other waits', (image) => image?.state === 'waiting', 'none/x86_64');
    assert.equal(none?.reason, 'there is no rootfs.tar.gz, .zst, .xz, .bz2 or rootfs.tar');
  });

  test('an inspection that is killed again and again is given up, and the image is not refused', async () => {
    makeImage(join(images, 'd/x86_64'), { 'rootfs.tar': Buffer.concat([emptyFiles(400_000), tarOf(debianRoot)]) });
    for (let attempt = 1; attempt <= 3; attempt++) {
      start();
      await until('it is being read', (image) => image?.attempts === attempt);
      await stop('SIGKILL');
    }
    start();

    const given = await until('it is given up', (image) => image?.state === 'failed');
    assert.match(given?.reason ?? '', /has begun 3 times and did not end/);
    assert.deepEqual(given?.faults, []);
    await stop('SIGKILL');
    makeImage(join(images, 'd/x86_64'), { 'rootfs.tar': tarOf(debianRoot) });
    start();
    await until('another file is inspected', isInspected);
  });

  test('an inspection that fails is repeated until the fault has gone, though the files are the same', async () => {
    const programs = join(directory, 'programs');
    mkdirSync(programs);
    makeImage(join(images, 'd/x86_64'));
    start({ PATH: programs });

    const failed = await until('it has failed three times', (image) => (image?.failures ?? 0) >= 3);
    assert.match(failed?.reason ?? '', /gzip/);
    assert.equal(log.split('not inspected, trying again').length - 1, 1, 'the same reason is told once');
    symlinkSync(execFileSync('which', ['gzip'], { encoding: 'utf8' }).trim(), join(programs, 'gzip'));

    assert.deepEqual((await until('it is inspected', isInspected))?.faults, []);
  });

  test('without an image directory it waits for one, and a damaged publication is made again', async () => {
    rmSync(images, { recursive: true });
    writeFileSync(published, '{"version":1,"ima');
    start();
    await until('it starts', () => log.includes('inspected images not used'));

    makeImage(join(images, 'd/x86_64'));

    await until('d is inspected', isInspected);
  });
});
