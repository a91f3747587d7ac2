import { execFileSync } from 'node:child_process';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { makefileFaults, scriptFaults } from './support/portability.ts';

const root = join(import.meta.dirname, '../../../..');
/** What "make", "make image" and "make all" run on the host where Docker is all there is. */
const scripts = ['make-all.sh', 'make-image.sh', 'builders.sh', 'hash-inputs.sh', 'stages.sh', 'emulation.sh'];

describe('what runs on a Mac', () => {
  for (const script of scripts) {
    test(`${script} keeps to a POSIX shell and to options that every system has`, () => {
      const file = join(root, 'config/build', script);

      assert.deepEqual(scriptFaults(readFileSync(file, 'utf8')), []);
      execFileSync('/bin/sh', ['-n', file]);
    });
  }

  test('the Makefile keeps to GNU make 3.81', () => {
    assert.deepEqual(makefileFaults(readFileSync(join(root, 'Makefile'), 'utf8')), []);
  });

  test('no other script of the project is run on the way', () => {
    const called = new Set<string>();
    for (const script of scripts) {
      const text = readFileSync(join(root, 'config/build', script), 'utf8').replaceAll(/^\s*#.*$/gm, '');
      for (const [, name] of text.matchAll(/config\/build\/([\w-]+\.sh)/g)) called.add(name ?? '');
    }

    // make-base.sh needs mmdebstrap, so Debian.
    assert.deepEqual(
      [...called].filter((name) => !scripts.includes(name)),
      ['make-base.sh'],
    );
  });
});

describe('the check for portability', () => {
  const refused = [
    ['#!/usr/bin/env bash', 'a shell other than sh'],
    ['if [[ $a = b ]]; then', '[[ … ]] of bash'],
    ['  local x=1', 'local, declare or function of bash'],
    ['set -euo pipefail', 'pipefail of bash'],
    ['cat <<< "$x"', 'a here-string of bash'],
    ['diff <(a) b', 'process substitution of bash'],
    ['a &> log', '&> of bash'],
    ['list=(a b)', 'an array of bash'],
    ['echo "${x,,}"', '${x,,}, ${x^^} or ${x/a/b} of bash'],
    ['source ./x', 'source of bash'],
    ['a=$(case $b in c) echo d ;; esac)', 'case inside $(…), which bash 3.2 misreads'],
    ['sed -i s/a/b/ f', 'sed -i, -r or -z'],
    ['grep -oP x f', 'grep -P'],
    ['a=$(readlink -f b)', 'readlink -f or realpath'],
    ['stat -c %s f', 'stat, which has other options elsewhere'],
    ['date +%s%N', 'date with nanoseconds, -d or -I'],
    ['ls | xargs -0 -r rm', 'xargs -r or -d'],
    ['find . -printf x', 'find -printf or -regextype'],
    ['ls | sort -V', 'sort -V or -R'],
    ['head -n -1 f', 'head or tail with a negative count'],
    ['timeout 5 a', 'tac, timeout, nproc or numfmt'],
    ['mkdir --parents a', 'a long option of a GNU tool'],
    ['cp -a a b', 'cp -a, -u or -t'],
    ['ln -sr a b', 'ln -r or -T'],
    ['a=$(mktemp -d -p b)', 'mktemp -p'],
    ['du -sb a', 'du -b'],
  ] as const;
  for (const [line, what] of refused) {
    test(`names ${what}`, () => {
      assert.deepEqual(
        scriptFaults(`#!/bin/sh\n${line}\n`).filter((fault) => fault.startsWith('2')),
        [`2: ${what}`],
      );
    });
  }

  test('takes the same words in a comment, and arithmetic', () => {
    assert.deepEqual(scriptFaults('#!/bin/sh\n# sed -i\na=$((1 + 2))\nb="$(c)"\n'), []);
  });

  const makeLines = [
    ['.ONESHELL:', '.ONESHELL or .SHELLFLAGS of GNU make 3.82'],
    ['x != uname', '!= or ::= of GNU make 4'],
    ['x ::= a', '!= or ::= of GNU make 4'],
    ['x := $(file <y)', '$(file …) or $(guile …) of GNU make 4'],
    ['a b &: c', 'grouped targets (&:) of GNU make 4.3'],
    ['undefine x', 'undefine or private of GNU make 3.82'],
  ] as const;
  for (const [line, what] of makeLines) {
    test(`names ${what} for "${line}"`, () => {
      assert.deepEqual(makefileFaults(line), [`1: ${what}`]);
    });
  }
});
