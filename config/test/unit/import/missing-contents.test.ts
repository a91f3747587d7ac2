import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingContents } from '../../../import/decide/missing-contents.ts';

test('the names that tar could not link to are found, whatever is in them', () => {
  const stderr = String.raw`tar: Removing leading './' from member names
tar: usr/lib/os-release: Cannot hard link to 'sysroot/ostree/repo/objects/00/5.file': No such file or directory
tar: ./etc/x: Cannot hard link to './sysroot/ostree/repo/objects/00/5.file': No such file or directory
tar: etc/y: Cannot hard link to 'a/it\'s \\ b\303\244\n-x': No such file or directory
tar: boot/z: Not found in archive
tar: Exiting with failure status due to previous errors`;

  assert.deepEqual(missingContents(stderr), [
    'sysroot/ostree/repo/objects/00/5.file',
    './sysroot/ostree/repo/objects/00/5.file',
    "a/it's \\ b\xc3\xa4\n-x",
    "./a/it's \\ b\xc3\xa4\n-x",
  ]);
  assert.deepEqual(missingContents(''), []);
});
