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

test('what has failed is tried again, three times', () => {
  const failed: PublishedImage = { ...old, state: 'failed', reason: 'EIO', attempts: 2 };

  assert.deepEqual(next([failed]), [[['failed', 'EIO', then]], look.image]);
  assert.deepEqual(next([{ ...failed, attempts: 3 }]), [[['failed', 'EIO', then]], undefined]);
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
