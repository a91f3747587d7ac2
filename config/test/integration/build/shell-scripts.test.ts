import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { execa } from 'execa';

import { lackOf, unlessMissing } from '../../support/requirements.ts';

const root = join(import.meta.dirname, '../../../..');
/** Sourced, so without a first line that names the shell. */
const sourced = 'config/build/builders.sh';

describe('shellcheck warns of nothing', unlessMissing(lackOf('shellcheck')), async () => {
  const { stdout } = await execa('git', ['ls-files'], { cwd: root });
  const scripts = stdout.split('\n').filter((file) => file === sourced || namesShell(join(root, file)));

  for (const script of scripts) {
    test(`in ${script}`, async () => {
      const { all } = await execa('shellcheck', ['--external-sources', '--severity=warning', '--format=gcc', script], {
        cwd: root,
        all: true,
        reject: false,
      });

      assert.equal(all, '');
    });
  }
});

function namesShell(file: string): boolean {
  const start = Buffer.alloc(64);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  return /^#!.*\b(sh|bash)\n/.test(start.toString('latin1'));
}
