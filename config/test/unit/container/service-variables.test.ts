import assert from 'node:assert/strict';
import { test } from 'node:test';

import { serviceVariables } from '../../../container/decide/service-variables.ts';

test('services keep the variables of the container, but for its time zone', () => {
  assert.deepEqual(serviceVariables({ PROVISIONER_IP: '192.168.105.1', TZ: 'Europe/Berlin' }), {
    PROVISIONER_IP: '192.168.105.1',
    TZ: 'UTC0',
    TMPDIR: '/run/pxeboot',
  });
});
