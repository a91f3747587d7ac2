import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedImage } from '../../../contract/published-images.ts';
import type { ImageLook } from '../../../inspect/decide/next-inspection.ts';
import { afterLook } from '../../../inspect/decide/next-inspection.ts';
import { samplePublishedImage } from '../../support/sample-image.ts';

const [then, now] = ['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:07.000Z'];
const look: ImageLook = { image: 'debian-12/x86_64', fingerprint: 'a', names: [], rootfs: 'rootfs.tar.gz' };
const seen = new Map([[look.image, 'a']]);
const old: PublishedImage = { ...samplePublishedImage, fingerprint: 'a', since: then };

function next(published: PublishedImage[], looks = [look], before = seen, running?: string) {
  const { images, due } = afterLook(published, looks, before, running, now);
  return [images.map(({ state, reason, since }) => [state, reason, since]), due?.image];
}

test('a new image waits for a second look that is the same, and is then due', () => {
  assert.deepEqual(next([], [look], new Map()), [[['waiting', 'its files are still changing', now]], undefined]);
  assert.deepEqual(next([]), [[['waiting', 'its turn has not come', now]], look.image]);
});

test('what is inspected stays as it is until its files change', () => {
  assert.deepEqual(next([old]), [[['inspected', undefined, then]], undefined]);
  assert.deepEqual(next([old], [{ ...look, fingerprint: 'b' }]), [
    [['waiting', 'its files are still changing', now]],
    undefined,
  ]);
});

test('of several one is due; the one that is being inspected stays so', () => {
  const other = { ...look, image: 'a/aarch64' };
  const looks = [look, other];
  const both = new Map([...seen, [other.image, 'a']]);

  assert.equal(next([], looks, both)[1], look.image);
  const running: PublishedImage = { ...old, state: 'waiting', reason: 'it is being inspected' };
  assert.deepEqual(next([running], looks, both, look.image), [
    [
      ['waiting', 'its turn has not come', now],
      ['waiting', 'it is being inspected', then],
    ],
    other.image,
  ]);
});

test('what has failed is tried again without an end, after a pause that grows to a minute', () => {
  const failedBefore = (failures: number, seconds: number): PublishedImage => {
    const since = new Date(Date.parse(now) - seconds * 1000).toISOString();
    return { ...old, state: 'failed', reason: 'EIO', failures, since };
  };
  const isDue = (failures: number, seconds: number) => next([failedBefore(failures, seconds)])[1] === look.image;
  const pauses = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) =>
    Array.from({ length: 100 }, (_, seconds) => seconds).find((seconds) => isDue(failures, seconds)),
  );

  assert.deepEqual(pauses, [2, 4, 8, 16, 32, 60, 60, 60]);
  const failed = failedBefore(6, 10);
  assert.deepEqual(next([failed]), [[['failed', 'EIO', failed.since]], undefined]);
  assert.equal(isDue(6, -3600), true, 'a clock that was set back stops nothing');
});

test('an image that failed and waits again keeps how often it did', () => {
  const begun: PublishedImage = { ...old, state: 'waiting', reason: 'it is being inspected', attempts: 1, failures: 4 };
  const { images } = afterLook([begun], [look], seen, undefined, now);

  assert.deepEqual([images[0]?.attempts, images[0]?.failures], [1, 4]);
  const another = afterLook([begun], [{ ...look, fingerprint: 'b' }], seen, undefined, now);
  assert.deepEqual([another.images[0]?.attempts, another.images[0]?.failures], [0, undefined]);
});

test('an inspection that has begun three times and not ended is not begun again', () => {
  const begun: PublishedImage = { ...old, state: 'waiting', reason: 'it is being inspected', attempts: 3 };
  const [[state] = [], due] = next([begun]);

  assert.equal(due, undefined);
  assert.deepEqual(state?.[0], 'failed');
});

test('an image that is gone is no longer published', () => {
  assert.deepEqual(next([old], []), [[], undefined]);
});
