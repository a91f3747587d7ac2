import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseNeighbours } from '../../contract/neighbours.ts';

const titles = 'IP address       HW type     Flags       HW address            Mask     Device';

describe("the kernel's table of neighbours", () => {
  test('an entry says which address answered with which MAC, and where', () => {
    const text = `${titles}
192.168.105.11   0x1         0x2         52:54:00:00:00:11     *        pxe0
192.168.105.12   0x1         0x6         52:54:00:00:00:12     *        pxe0
`;
    assert.deepEqual(parseNeighbours(text), [
      { ip: '192.168.105.11', mac: '52:54:00:00:00:11', interface: 'pxe0' },
      { ip: '192.168.105.12', mac: '52:54:00:00:00:12', interface: 'pxe0' },
    ]);
  });

  test('what nobody has answered, what is no Ethernet and a line cut short are passed over', () => {
    const text = `${titles}
192.168.105.13   0x1         0x0         00:00:00:00:00:00     *        pxe0
192.168.105.14   0x1         0x0         52:54:00:00:00:14     *        pxe0
10.0.0.2         0x20        0x2         52:54:00:00:00:15     *        ib0
192.168.105.16   0x1         0x2`;
    assert.deepEqual(parseNeighbours(text), []);
  });

  test('an empty table has no entries', () => {
    assert.deepEqual(parseNeighbours(`${titles}\n`), []);
    assert.deepEqual(parseNeighbours(''), []);
  });
});
