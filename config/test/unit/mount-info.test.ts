import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mountOf, overlayLayers, parseMountInfo } from '../../kit/mount-info.ts';

const text = String.raw`21 28 0:20 / /proc rw,nosuid - proc proc rw
28 1 252:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 28 0:40 / /mnt/my\040vms rw,relatime shared:2 - 9p hostshare rw,access=client,trans=virtio
47 28 0:41 / /mnt/vms rw - overlay vms rw,lowerdir=/a\040b:/c,upperdir=/u,workdir=/w
48 47 0:42 / /mnt/vms rw - tmpfs over rw
cut short`;

test('mounts are read with their escapes; a line cut short is passed over', () => {
  const mounts = parseMountInfo(text);

  assert.deepEqual(
    mounts.map(({ mountPoint, type }) => `${mountPoint} ${type}`),
    ['/proc proc', '/ ext4', '/mnt/my vms 9p', '/mnt/vms overlay', '/mnt/vms tmpfs'],
  );
  assert.deepEqual(overlayLayers(mounts[3]!), ['/a b', '/c', '/u']);
});

test('a path lies in the deepest mount, and of two on one point in the later', () => {
  const mounts = parseMountInfo(text);

  const types = ['/mnt/my vms/x', '/mnt/vms', '/mnt/vms2', '/'].map((path) => mountOf(mounts, path)?.type);

  assert.deepEqual(types, ['9p', 'tmpfs', 'ext4', 'ext4']);
  assert.equal(mountOf([], '/'), undefined);
});
