import assert from 'node:assert/strict';
import { test } from 'node:test';

import { labSettings, machineDirectory } from '../../src/decide/settings.ts';
import { definitionPath } from '../../src/vm-files.ts';

// "lab down" removes the folder that the name leads to, as root.
for (const name of ['', '.', '..', '../etc', 'a/b', 'a b', '-x', 'a\n']) {
  test(`${JSON.stringify(name)} names no lab and no VM`, () => {
    const lab = labSettings('/project', 'x86_64');
    const wrong = { name: 'InputError', message: /is no name of a .*; use 1 to 63 letters, digits and inner hyphens/ };

    assert.throws(() => labSettings('/project', 'x86_64', name), wrong);
    assert.throws(() => machineDirectory(lab, name), wrong);
    assert.throws(() => definitionPath(lab, name), wrong);
  });
}

test('a lab and its VMs have their own folders', () => {
  const lab = labSettings('/project', 'x86_64', 'lab2');

  assert.deepEqual([lab.runtime, lab.state], ['/run/lab2', '/project/.lab/lab2']);
  assert.equal(machineDirectory(lab, 'Web1'), '/project/.lab/lab2/machines/Web1');
  assert.equal(definitionPath(lab, 'Web1'), '/project/.lab/lab2/vms/Web1.json');
});
