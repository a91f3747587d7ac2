#!/bin/sh
# Every test, the quick ones first; the suites that build or boot something run one file after the other,
# integration tests two at a time.
#   PART           standard (the default): what every change must pass; a part of what takes longest: every distribution, way to boot,
#                  kind of machine and fault (test-parts.txt); or all
#   SUITES         which suites, in this order, in place of a part (static unit integration image-all image e2e; a part is one too)
#   ONLY, EXCEPT   only, or all but, the test files whose path matches this extended regular expression
#   REQUIRE_ALL=1  a test that cannot run here is a failure
#   TEST_LAB=name  of the lab of end-to-end tests, where another checkout tests at the same time (default: pxeboot-e2e)
#   RECORD=1       keeps the results in build/test/results and writes docs/test-report.md from all that are kept there
# Each suite's time is printed at the end; each suite's output is kept in build/test/<suite>.log.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here" || exit 1
standard='static unit integration image-all image e2e'
list=lab/testing/test-parts.txt
parts=$(sed '/^#/d; /^$/d; s/ .*//' "$list" | LC_ALL=C sort -u | tr '\n' ' ' | sed 's/ $//')
logs=build/test
summary=
failed=0

# $1: a name, the rest: those that there are.
is_one_of() {
  wanted=$1
  shift
  for name in "$@"; do [ "$name" != "$wanted" ] || return 0; done
  return 1
}

choose_suites() {
  # shellcheck disable=SC2086
  if [ -n "${SUITES:-}" ]; then
    for suite in $SUITES; do
      is_one_of "$suite" $standard $parts && continue
      echo "run tests: SUITES has \"$suite\", which is none of: $standard $parts" >&2
      return 2
    done
    echo "$SUITES"
  elif [ "${PART:-standard}" = standard ]; then
    echo "$standard"
  elif [ "$PART" = all ]; then
    echo "$standard $parts"
  elif is_one_of "$PART" $parts; then
    echo "$PART"
  else
    echo "run tests: PART=\"$PART\" is none of: standard $parts all" >&2
    return 2
  fi
}

# $1: a folder under test/, or a part.
files_of() {
  # shellcheck disable=SC2086
  if is_one_of "$1" $parts; then
    sed -n "s,^$1 ,,p" "$list"
  else
    find */test/"$1" -name '*.test.ts'
  fi
}

# $1: a folder under test/, or a part; the rest: options of node.
node_tests() {
  suite=$1
  shift
  files=$(files_of "$suite" | grep -E -e "${ONLY:-.}" | grep -v -E -e "${EXCEPT:-^$}" | LC_ALL=C sort)
  if [ -z "$files" ]; then
    echo "run tests: no file of suite \"$suite\" is left by ONLY=\"${ONLY:-}\" EXCEPT=\"${EXCEPT:-}\"" >&2
    return 2
  fi
  if [ "${RECORD:-}" = 1 ]; then
    set -- "$@" --test-reporter=spec --test-reporter-destination=stdout \
      --test-reporter=./lab/testing/report/outcome-reporter.ts --test-reporter-destination="$logs/$suite.json"
  fi
  # shellcheck disable=SC2086
  node --import ./lab/testing/keep-test-events.mjs --test --test-force-exit "$@" $files
}

test_report() {
  if [ "${RECORD:-}" = 1 ]; then node lab/testing/report/main.ts "$@"; fi
}

# The image directory that "e2e" installs on the other architecture takes minutes of one core, and so does the image of "image-all".
# A failure is shown by "e2e", which makes it again.
make_foreign_image() {
  # shellcheck disable=SC2086
  is_one_of e2e $chosen || return 0
  nice -n 5 lab/lab image debian-12 --arch aarch64 >"$logs/foreign-image.log" 2>&1 || true
}

build_images() {
  make_foreign_image &
  background=$!
  if config/build/make-all.sh; then built=0; else built=$?; fi
  wait "$background"
  return "$built"
}

run_suite() {
  case $1 in
    static) npm run --silent typecheck && npm run --silent lint ;;
    unit) node_tests unit ;;
    image-all) build_images ;;
    # Much of it waits: for pollers, for services that start, for programs that end.
    integration) node_tests integration --test-concurrency=2 ;;
    *) node_tests "$1" --test-concurrency=1 ;;
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

chosen=$(choose_suites) || exit
case $chosen in
  *[![:space:]]*) ;;
  *) echo "run tests: SUITES names none of: $standard $parts" >&2; exit 2 ;;
esac
mkdir -p "$logs"
begun=$(date +%s)
test_report begin || exit 1
for suite in $chosen; do
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
printf '%s%14s s  in all\n' "$summary" "$(($(date +%s) - begun))"
exit "$failed"
