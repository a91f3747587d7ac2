#!/bin/sh
# Every test, the quick ones first; the suites that build or boot something run one file after the other.
# REQUIRE_ALL=1: a test that cannot run here is a failure. Each suite's time is printed at the end.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here" || exit 1
summary=
failed=0

suite() {
  title=$1
  shift
  echo "=== $title"
  started=$(date +%s)
  if "$@"; then result=passed; else result=FAILED; failed=1; fi
  summary="$summary$(printf '%-8s %5s s  %s' "$result" "$(($(date +%s) - started))" "$title")
"
}

# $1: a folder under test/; the rest: options of node.
node_tests() {
  folder=$1
  shift
  files=$(find config boot_handler vm_watcher os_installer initrd lab -path "*/test/$folder/*" -name '*.test.ts' \
    -not -path '*/node_modules/*' | LC_ALL=C sort)
  # shellcheck disable=SC2086
  node --test --test-force-exit "$@" $files
}

suite 'types and lint' sh -c 'npm run --silent typecheck && npm run --silent lint'
suite 'unit tests' node_tests unit
suite 'integration tests' node_tests integration --test-concurrency=1
suite 'image build' config/build/make-image.sh "$(dpkg --print-architecture)"
suite 'the built image' node_tests image --test-concurrency=1
suite 'end to end' node_tests e2e --test-concurrency=1

echo '=== summary'
printf '%s' "$summary"
exit "$failed"
