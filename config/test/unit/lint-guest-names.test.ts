import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ScannedFile } from '../../definitions/resolve.ts';
import { resolve } from '../../definitions/resolve.ts';
import { lintDefinitions } from '../../lint/rules/index.ts';
import { good, images, line } from '../support/lint-one.ts';

test('of VMs whose guests would have one name all but the holder are told who has it', () => {
  const texts = new Map(
    ['my-vm', 'my.vm', 'my_vm'].map((name, n) => [
      `${name}.json`,
      JSON.stringify({ ...good, name, mac: `52:54:00:00:00:0${n + 1}`, ip: `10.0.0.2${n}` }),
    ]),
  );
  const scanned = [...texts].map(([file, text]): ScannedFile => ({ file, fingerprint: '', kind: 'read', text }));

  const found = lintDefinitions({ names: [], texts, state: resolve(undefined, scanned, new Date()), images });

  const rest =
    'makes the guest call itself "my-vm", and so does "my-vm", which has that name in DHCP and DNS; choose a name that differs in more than "-", "_" and "."';
  assert.deepEqual(found.map(line), [
    `warning guest-name-taken my.vm.json /name "my.vm": ${rest}`,
    `warning guest-name-taken my_vm.json /name "my_vm": ${rest}`,
  ]);
});
