import assert from 'node:assert/strict';
import { test } from 'node:test';

import { neededCapabilities } from '@pxeboot/config/container/decide/capabilities';

import { containerArguments, ipv6Environment } from '../../src/container.ts';
import { labSettings } from '../../src/decide/settings.ts';
import { readmeCommand, rightsOf } from '../image/support/readme-command.ts';

const lab = labSettings('/checkout', 'x86_64');

test('the lab starts the container with the rights that the README gives it', () => {
  assert.deepEqual(rightsOf(containerArguments(lab)), rightsOf(readmeCommand()));
});

test('these are what the start asks for, and no more', () => {
  const added = rightsOf(readmeCommand()).filter((right) => right.startsWith('--cap-add '));

  assert.deepEqual(
    added,
    neededCapabilities(false)
      .map((name) => `--cap-add ${name}`)
      .sort(),
  );
});

test('a range of IPv6 addresses takes one more', () => {
  const [withV6, without] = [{ env: ipv6Environment }, {}].map((changes) => rightsOf(containerArguments(lab, changes)));

  assert.deepEqual(
    withV6?.filter((right) => without?.includes(right) === false),
    ['--cap-add NET_RAW'],
  );
});
