import assert from 'node:assert/strict';
import { test } from 'node:test';

import { familyOf } from '../../definitions/distro-family.ts';
import { parseOsRelease } from '../../kit/os-release.ts';

test('quotes, escapes and comments are read as a shell would', () => {
  const text =
    '# comment\nPRETTY_NAME="A \\"quoted\\" \\$name"\nID=\'mine\'\nID_LIKE="rhel centos  fedora"\nVERSION_ID=9.4\n';

  assert.deepEqual(parseOsRelease(text), {
    id: 'mine',
    idLike: ['rhel', 'centos', 'fedora'],
    prettyName: 'A "quoted" $name',
    versionId: '9.4',
  });
});

test('what is absent has the value that os-release(5) gives it', () => {
  assert.deepEqual(parseOsRelease('NAME=x'), { id: 'linux', idLike: [], prettyName: 'Linux', versionId: '' });
});

const systems: [string, string, string | undefined][] = [
  ['debian', '', 'debian'],
  ['ubuntu', 'debian', 'debian'],
  ['linuxmint', 'ubuntu debian', 'debian'],
  ['fedora', '', 'fedora'],
  ['rocky', 'rhel centos fedora', 'fedora'],
  ['centos', 'rhel fedora', 'fedora'],
  ['almalinux', 'rhel centos fedora', 'fedora'],
  ['ol', 'fedora', 'fedora'],
  ['arch', '', undefined],
  ['amzn', '', undefined],
  ['alpine', '', undefined],
];

for (const [id, like, family] of systems) {
  test(`ID=${id} ID_LIKE="${like}" is of family ${family ?? 'none'}`, () => {
    assert.equal(familyOf({ id, idLike: like.split(' ') }), family);
  });
}
