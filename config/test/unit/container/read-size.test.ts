import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readSize } from '../../../container/decide/read-size.ts';

const images = '/www/images';
const root = '25 1 0:23 / / rw - overlay overlay rw,lowerdir=/a';

function mounted(type: string, options: string): string {
  return `${root}\n310 25 0:52 / ${images} rw,relatime - ${type} images ${options}`;
}

test('on a 9p share one read is at most what fits into one message', () => {
  const message = { '131072': 65_536, '512000': 262_144, '8192': 4096, '4096': 4096, '1048576': 524_288 };
  for (const [msize, expected] of Object.entries(message)) {
    assert.equal(
      readSize(mounted('9p', `rw,access=client,msize=${msize},trans=virtio`), images, '6.1.0'),
      expected,
      msize,
    );
  }
});

test('without an option it is what the kernel takes by default', () => {
  const text = mounted('9p', 'rw,access=client,trans=virtio');
  const releases = { '6.1.0-44-amd64': 65_536, '5.15.0-1': 65_536, '5.10.0-9-arm64': 4096, '4.19.0': 4096 };
  for (const [release, expected] of Object.entries(releases)) assert.equal(readSize(text, images, release), expected);
});

test('everywhere else reads are large', () => {
  for (const type of ['ext4', 'fuse.sshfs', 'virtiofs', 'nfs4', 'overlay']) {
    assert.equal(readSize(mounted(type, 'rw'), images, '6.1.0'), 524_288);
  }
  assert.equal(readSize(root, images, '6.1.0'), 524_288);
});
