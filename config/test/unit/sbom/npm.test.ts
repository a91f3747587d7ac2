import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { bundledPackages } from '../../../build/sbom/npm-packages.ts';

const lock = JSON.stringify({
  packages: {
    'node_modules/express': { version: '5.3.0', license: 'MIT' },
    'node_modules/@scope/a': { version: '1.0.0', license: 'ISC' },
    'node_modules/express/node_modules/qs': { version: '6.1.0' },
    'node_modules/unused': { version: '1.0.0' },
    'node_modules/@pxeboot/config': { link: true },
  },
});

function metafile(...inputs: string[]): string {
  return JSON.stringify({ inputs: Object.fromEntries(inputs.map((each) => [each, {}])) });
}

describe('bundledPackages', () => {
  test('lists what was bundled, once, with version and licence of the lock file', () => {
    const bundles = [
      metafile('boot_handler/src/main.ts', 'node_modules/express/index.js', 'node_modules/express/lib/a.js'),
      metafile('../../build/node_modules/@scope/a/i.js', 'node_modules/express/node_modules/qs/q.js'),
    ];

    assert.deepEqual(bundledPackages([bundles[0] ?? '', (bundles[1] ?? '').replace('../../build/', '../../')], lock), [
      { name: '@scope/a', version: '1.0.0', licence: 'ISC', directory: 'node_modules/@scope/a' },
      { name: 'express', version: '5.3.0', licence: 'MIT', directory: 'node_modules/express' },
      { name: 'qs', version: '6.1.0', licence: undefined, directory: 'node_modules/express/node_modules/qs' },
    ]);
  });

  test('leaves our own workspaces out', () => {
    assert.deepEqual(bundledPackages([metafile('node_modules/@pxeboot/config/host/run.ts')], lock), []);
  });

  test('a package that is not in the lock file is an error', () => {
    assert.throws(
      () => bundledPackages([metafile('node_modules/stray/i.js')], lock),
      /list the bundled packages: "node_modules\/stray" is not in package-lock\.json/,
    );
  });
});
