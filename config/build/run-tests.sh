#!/bin/sh
# Every test, the quick ones first; the suites that build or boot something run one file after the other.
#   SUITES         which suites, in this order (default: static unit integration image-all image e2e); matrix is what takes longest:
#                  every distribution, way to boot and kind of machine
#   ONLY, EXCEPT   only, or all but, the test files whose path matches this extended regular expression
#   REQUIRE_ALL=1  a test that cannot run here is a failure
#   TEST_LAB=name  of the lab of end-to-end tests, where another checkout tests at the same time (default: pxeboot-e2e)
#   RECORD=1       keeps the results in build/test/results and writes docs/test-report.md from all that are kept there
# Each suite's time is printed at the end; each suite's output is kept in build/test/<suite>.log.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here" || exit 1
standard='static unit integration image-all image e2e'
logs=build/test
summary=
failed=0
mkdir -p "$logs"

# $1: a folder under test/; the rest: options of node.
node_tests() {
  folder=$1
  shift
  files=$(find config boot_handler vm_watcher os_installer initrd lab -path "*/test/$folder/*" -name '*.test.ts' \
    -not -path '*/node_modules/*' | grep -E -e "${ONLY:-.}" | grep -v -E -e "${EXCEPT:-^$}" | LC_ALL=C sort)
  if [ -z "$files" ]; then
    echo "run tests: no file of suite \"$folder\" is left by ONLY=\"${ONLY:-}\" EXCEPT=\"${EXCEPT:-}\"" >&2
    return 2
  fi
  if [ "${RECORD:-}" = 1 ]; then
    set -- "$@" --test-reporter=spec --test-reporter-destination=stdout \
      --test-reporter=./lab/src/test-report/reporter.ts --test-reporter-destination="$logs/$folder.json"
  fi
  # shellcheck disable=SC2086
  node --import ./config/build/keep-test-events.mjs --test --test-force-exit "$@" $files
}

test_report() {
  if [ "${RECORD:-}" = 1 ]; then node lab/src/test-report/main.ts "$@"; fi
}

run_suite() {
  case $1 in
    static) npm run --silent typecheck && npm run --silent lint ;;
    unit) node_tests unit ;;
    integration) node_tests integration --test-concurrency=1 ;;
    image-all) config/build/make-all.sh ;;
    image) node_tests image --test-concurrency=1 ;;
    e2e) node_tests e2e --test-concurrency=1 ;;
    matrix) node_tests matrix --test-concurrency=1 ;;
    *) echo "run tests: \"$1\" is none of: $standard matrix" >&2; return 2 ;;
  esac
}

# The status of a pipe's first part, in POSIX words.
run_logged() {
  status_file=$logs/$1.status
  { run_suite "$1" 2>&1; echo $? > "$status_file"; } | tee "$logs/$1.log"
  status=$(cat "$status_file")
  rm "$status_file"
  return "$status"
}

test_report begin || exit 1
for suite in ${SUITES:-$standard}; do
  echo "=== $suite"
  started=$(date +%s)
  rm -f "$logs/$suite.json"
  if run_logged "$suite"; then status=0 result=passed; else status=$? result=FAILED failed=1; fi
  seconds=$(($(date +%s) - started))
  test_report record "$suite" --status "$status" --seconds "$seconds" --files "$logs/$suite.json" || failed=1
  summary="$summary$(printf '%-8s %5s s  %s' "$result" "$seconds" "$suite")
"
done

echo '=== summary'
printf '%s' "$summary"
exit "$failed"
