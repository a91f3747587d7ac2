import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { makefileFaults, scriptFaults } from './support/portability.ts';

const root = join(import.meta.dirname, '../../../..');
/** What "make" and its targets that need no Node run on the host where Docker is all there is. */
const scripts = [
  ...['make-all.sh', 'make-image.sh', 'builders.sh', 'hash-inputs.sh', 'stages.sh', 'emulation.sh'],
  ...['clean.sh', 'make-tar.sh'],
];
/** Run only where apt-get and mmdebstrap are: on Debian. */
const debianOnly = ['config/build/make-base.sh', 'lab/setup.sh'];

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

  test('no other file of the project is run on the way, but where Debian is', () => {
    const called = scripts.flatMap((script) => filesRunBy(readFileSync(join(root, 'config/build', script), 'utf8')));

    const others = called.filter((file) => !scripts.some((script) => file === `config/build/${script}`));
    assert.deepEqual([...new Set(others)].sort(), debianOnly);
  });

  for (const target of ['image', 'all', 'amd64', 'arm64', 'tar', 'initrds', 'clean']) {
    test(`"make ${target}" runs these scripts alone, and no Node`, () => {
      const makefile = readFileSync(join(root, 'Makefile'), 'utf8');
      const rule = new RegExp(`^${target}:( *)## .*\\n((?:\\t.*\\n)+)`, 'm').exec(makefile);

      assert.ok(rule?.[2] !== undefined, 'the target has a recipe, and needs no other target');
      const files = filesRunBy(rule[2]);
      assert.notDeepEqual(files, []);
      for (const file of files) assert.ok(scripts.includes(file.replace('config/build/', '')), file);
      assert.doesNotMatch(rule[2], /\b(node|npm|npx)\b/);
    });
  }
});

/** Paths of the project's own programs in a text. */
function filesRunBy(text: string): string[] {
  const withoutComments = text.replaceAll(/^\s*#.*$/gm, '');
  return [...withoutComments.matchAll(/\b[\w-]+\/[\w/-]+\.(?:sh|mjs|ts)\b/g)].map(([file]) => file);
}

describe('the check for portability', () => {
  const refused = [
    ['#!/usr/bin/env bash', 'a shell other than sh'],
    ['if [[ $a = b ]]; then', '[[ … ]] of bash'],
    ['  local x=1', 'local, declare or function of bash'],
    ['a() { local x=1; }', 'local, declare or function of bash'],
    ['declare -A a', 'local, declare or function of bash'],
    ['set -euo pipefail', 'pipefail of bash'],
    ['cat <<< "$x"', 'a here-string of bash'],
    ['diff <(a) b', 'process substitution of bash'],
    ['a &> log', '&> of bash'],
    ['list=(a b)', 'an array of bash'],
    ['echo "${x,,}"', '${x,,}, ${x^^} or ${x/a/b} of bash'],
    ['echo "${x^}"', '${x,,}, ${x^^} or ${x/a/b} of bash'],
    ['source ./x', 'source of bash'],
    ['a=$(case $b in c) echo d ;; esac)', 'case inside $(…), which bash 3.2 misreads'],
    ['a=$(\n  case $b in\n    c) echo d ;;\n  esac\n)', 'case inside $(…), which bash 3.2 misreads'],
    ['a=$(b | while read -r c; do\n  case $c in d) ;; esac\ndone)', 'case inside $(…), which bash 3.2 misreads'],
    ['sed -i s/a/b/ f', 'sed -i, -r or -z'],
    ["sed -e 's/a/b/' -i f", 'sed -i, -r or -z'],
    ["grep '\\s' f", 'sed, grep or expr with \\s, \\w, \\b or \\< of GNU'],
    ["sed -n 's/\\w*$//p' f", 'sed, grep or expr with \\s, \\w, \\b or \\< of GNU'],
    ["sed -e 's/a/b/' -e 's/\\bc//' f", 'sed, grep or expr with \\s, \\w, \\b or \\< of GNU'],
    ['grep -q "\\<a\\>" f', 'sed, grep or expr with \\s, \\w, \\b or \\< of GNU'],
    ["grep 'a\\|b' f", 'grep with \\+, \\? or \\| of GNU'],
    ['grep -oP x f', 'grep -P'],
    ['a | grep -o -P x', 'grep -P'],
    ['a=$(readlink -f b)', 'readlink -f or realpath'],
    ['readlink -n -f b', 'readlink -f or realpath'],
    ['stat -c %s f', 'stat, which has other options elsewhere'],
    ['a=$(stat "$b")', 'stat, which has other options elsewhere'],
    ['date +%s%N', 'date with nanoseconds, -d, -r or -I'],
    ['a=$(date -d @0)', 'date with nanoseconds, -d, -r or -I'],
    ['date -u -d yesterday +%s', 'date with nanoseconds, -d, -r or -I'],
    ['date +%s -r file', 'date with nanoseconds, -d, -r or -I'],
    ['ls | xargs -0 -r rm', 'xargs -r or -d'],
    ['ls | xargs -0r rm', 'xargs -r or -d'],
    ['ls | xargs -n 1 -r rm', 'xargs -r or -d'],
    ['find . -printf x', 'find -printf or -regextype'],
    ['ls | sort -V', 'sort -V, -R or -h'],
    ['ls | sort -u -V', 'sort -V, -R or -h'],
    ['head -n -1 f', 'head or tail with a negative count'],
    ['timeout 5 a', 'tac, timeout, nproc or numfmt'],
    ['mkdir --parents a', 'a long option of a GNU tool'],
    ['tar -cf a --owner=0 b', 'a long option of a GNU tool'],
    ["tar --wildcards -xOf a '*.json'", 'a long option of a GNU tool'],
    ["tar -xOf a \\\n  --wildcards '*.json'", 'a long option of a GNU tool'],
    ['cp -R --reflink=auto a b', 'a long option of a GNU tool'],
    ['sort --version-sort a', 'a long option of a GNU tool'],
    ['cp -a a b', 'cp -a, -u or -t'],
    ['cp -f -a a b', 'cp -a, -u or -t'],
    ['ln -sr a b', 'ln -r or -T'],
    ['a=$(mktemp -d -p b)', 'mktemp -p, -t or with a suffix'],
    ['a=$(mktemp -t b)', 'mktemp -p, -t or with a suffix'],
    ['a=$(mktemp "$b/c.XXXXXX.tar")', 'mktemp -p, -t or with a suffix'],
    ['du -sb a', 'du -b'],
    ['[ "$a" == b ]', '== in [ … ]'],
    ["a=$'b'", '$\'…\' or $"…" of bash'],
    ['  a+=b', '+= of bash'],
    ['a |& b', '|& or coproc of bash'],
    ['echo "${!a}"', '${!x}, ${x@Q} or ${x:1:2} of bash'],
    ['echo "${a:1:2}"', '${!x}, ${x@Q} or ${x:1:2} of bash'],
    ['for a in {1..9}; do', '{1..9} of bash'],
    ['a=$RANDOM', '$RANDOM, $BASH_… or $EPOCHSECONDS of bash'],
    ['mapfile -t a', 'mapfile, readarray, let, select or shopt of bash'],
    ['if a; then mapfile -t b; fi', 'mapfile, readarray, let, select or shopt of bash'],
    ['read -p a b', 'read with another option than -r'],
    ['printf %q "$a"', 'printf -v, %q or %(…)T of bash'],
    ['trap a ERR', 'trap for ERR, DEBUG or RETURN of bash'],
    ['echo -n a', 'echo with options or escapes, which differ'],
    ['a=$(which b)', 'which, which is not in POSIX'],
    ['sha256sum a', 'md5sum or sha…sum, not looked for with command -v'],
    ['base64 -w 0 a', 'base64 -w'],
    ["sed 's/a\\+/b/'", 'sed with \\+, \\?, \\| or \\t of GNU'],
    ['flock a b', 'flock, setsid, ionice, unshare or chrt'],
    ['ps --no-headers', 'ps, pgrep or kill by options of procps'],
    ["awk '{ print gensub(1, 2, 3) }'", 'awk with gensub, strftime or systime of gawk'],
    ['install -m 644 -D a b', 'install -D or -t'],
    ['dd if=a of=b status=none', 'shuf, truncate, or dd with flags of GNU'],
  ] as const;
  for (const [line, what] of refused) {
    test(`names ${what}: ${line.replaceAll('\n', '⏎')}`, () => {
      assert.deepEqual(
        scriptFaults(`#!/bin/sh\n${line}\n`).filter((fault) => fault.startsWith('2')),
        [`2: ${what}`],
      );
    });
  }

  test('takes what every system has', () => {
    const lines = [
      'while IFS= read -r line; do',
      '[ "$a" = b ] && c=${d:-e}',
      'command -v sha256sum >/dev/null 2>&1',
      'tar -xOf a b | sed -n 1p',
      'kill -0 "$1" 2>/dev/null || ps -p "$1"',
      "printf '%s\\n' a",
      'trap "exit 1" INT TERM',
      'a=$(b $(c) "in case of")',
      'case $(a) in b) c=$(d) ;; esac',
      'date -u +%s',
      'd=$(mktemp -d)',
      "sed -n -e 's/\\.a-i$/x/p' f | sort -u",
      "grep -E 'a\\+|b' f",
      'ls | xargs -0 rm -r',
      'git log --date=iso -r',
    ];

    assert.deepEqual(scriptFaults(`#!/bin/sh\n${lines.join('\n')}\n`), []);
  });

  test('takes the same words in a comment, and arithmetic', () => {
    assert.deepEqual(scriptFaults('#!/bin/sh\n# sed -i\na=$((1 + 2))\nb="$(c)"\n'), []);
  });

  const makeLines = [
    ['.ONESHELL:', '.ONESHELL or .SHELLFLAGS of GNU make 3.82'],
    ['x != uname', '!= or ::= of GNU make 4'],
    ['x ::= a', '!= or ::= of GNU make 4'],
    ['x := $(file <y)', '$(file …) or $(guile …) of GNU make 4'],
    ['a b &: c', 'grouped targets (&:) of GNU make 4.3'],
    ['define x =', 'define with = of GNU make 3.82'],
    ['.RECIPEPREFIX = >', '.RECIPEPREFIX, .EXTRA_PREREQS, .WAIT or load'],
    ['undefine x', 'undefine or private of GNU make 3.82'],
  ] as const;
  for (const [line, what] of makeLines) {
    test(`names ${what} for "${line}"`, () => {
      assert.deepEqual(makefileFaults(line), [`1: ${what}`]);
    });
  }
});
