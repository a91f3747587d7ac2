import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explainUnknownMac, whyContext } from '../../src/render/why-context.ts';

test('reason and fix become lines, and the script asks again for the same MAC', () => {
  const reason = { headline: 'web1 cannot boot yet.', details: [{ problem: 'no kernel', fix: 'put it there' }] };

  assert.deepEqual(whyContext(reason, '10.0.0.1', '52:54:00:aa:bb:01'), {
    lines: ['pxeboot_stack: web1 cannot boot yet.', 'Reason: no kernel', 'To do: put it there'],
    waitSeconds: 5,
    bootUrl: 'http://10.0.0.1/ipxe?mac=52:54:00:aa:bb:01',
    whyUrl: 'http://10.0.0.1/ipxe/why?mac=52:54:00:aa:bb:01',
  });
});

test('without a usable MAC iPXE fills in its own', () => {
  assert.equal(whyContext({ headline: 'x', details: [] }, 'h', undefined).bootUrl, 'http://h/ipxe?mac=${mac}');
});

test('a screen holds four reasons; the rest is counted', () => {
  const details = Array.from({ length: 6 }, (_, n) => ({ problem: `p${n}`, fix: `f${n}` }));

  const { lines } = whyContext({ headline: 'x', details }, 'h', undefined);

  assert.deepEqual(lines.slice(-3), ['Reason: p3', 'To do: f3', 'and 2 more: see http://h/api/vms']);
});

test('an unknown MAC is named together with the files that are not in force', () => {
  const fault = {
    file: 'web1.json',
    path: '/mac',
    value: '"zz"',
    problem: 'is not valid',
    fix: 'expected six hex pairs',
  };

  assert.deepEqual(
    explainUnknownMac('52:54:00:aa:bb:01', [{ file: 'web1.json', state: 'rejected', faults: [fault] }], new Set()),
    {
      headline: 'this VM (MAC 52:54:00:aa:bb:01) is not defined.',
      details: [
        {
          problem: 'no file in the vms directory has the MAC 52:54:00:aa:bb:01',
          fix: 'save <name>.json with "mac": "52:54:00:aa:bb:01" there',
        },
        { problem: 'web1.json is not in force: /mac "zz" is not valid', fix: 'expected six hex pairs' },
      ],
    },
  );
});

test('the file that names the MAC comes first with all its faults, the others with one fault each', () => {
  const entry = (file: string, ...paths: string[]) => ({
    file,
    state: 'rejected' as const,
    faults: paths.map((path) => ({ file, path, value: '', problem: 'is missing', fix: `add ${path}` })),
  });
  const entries = [entry('a.json', '/name', '/role', '/mac'), entry('b.json', '/arch'), entry('c.json', '/x', '/y')];

  const { details } = explainUnknownMac('52:54:00:aa:bb:01', entries, new Set(['c.json']));

  assert.deepEqual(
    details.map(({ problem }) => problem.replace(' is not in force:', '').replace(' is missing', '')),
    ['c.json /x', 'c.json /y', 'a.json /name', 'b.json /arch', 'a.json /role', 'a.json /mac'],
  );
});
