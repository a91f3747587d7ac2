import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PublishedState } from '@pxeboot/config/contract/published-state';

import {
  nothingKnown,
  requireCertain,
  ScanError,
  withFailedScan,
  withPublished,
  withScan,
} from '../../src/vms/known-vms.ts';
import { sampleTarget } from '../support/sample-target.ts';

function stateOf(...names: string[]): PublishedState {
  const entries = names.map((name) => ({
    ...{ file: `${name}.json`, fingerprint: '', state: 'ok' as const, faults: [], since: '' },
    definition: sampleTarget({ name }),
  }));
  return { version: 1, entries };
}

test('what a scan found stays until vm_watcher has published another state', () => {
  const published = stateOf('web1');
  const scanned = withScan(withPublished(nothingKnown, published), stateOf('web1', 'web2'));

  assert.equal(withPublished(scanned, undefined), scanned);
  assert.equal(withPublished(scanned, published), scanned);
  assert.deepEqual([...withPublished(scanned, stateOf('web3')).index.byName.keys()], ['web3']);
});

test('after a failed scan what is known is still found, and what is not known is not said to be missing', () => {
  const failed = withFailedScan(withPublished(nothingKnown, stateOf('web1')), new Error('no directory'));
  const web1 = failed.index.byName.get('web1');

  assert.equal(requireCertain(failed, web1)?.definition.name, 'web1');
  assert.throws(() => requireCertain(failed, undefined), ScanError);
  assert.equal(requireCertain(withScan(failed, stateOf()), undefined), undefined);
});
