#!/usr/bin/env bash
# Builds Hugang and runs its tests, from a clean checkout or again.
#
#   tests/run.sh                installs what is missing, builds, runs all tests but clang-tidy
#   tests/run.sh --quick        unit, scenario and golden tests and the lints: a few minutes
#   tests/run.sh --full         also clang-tidy, both sanitizers, and a minute a fuzzer
#   tests/run.sh -R REGEX       only the tests whose name matches, as ctest -R
#   tests/run.sh --preset NAME  another preset of CMakePresets.json; HUGANG_PRESET does the same
#
# The exit code is 0 only if everything passed. The last lines are ctest's own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,11s/^# \{0,1\}//p' tests/run.sh; }

preset=${HUGANG_PRESET:-dev}
mode=all
regex=()
while [ $# -gt 0 ]; do
  case $1 in
    --quick | --full) mode=${1#--} ;;
    --preset | -R)
      [ $# -ge 2 ] || { echo "run.sh: $1 needs a value; see --help" >&2; exit 2; }
      if [ "$1" = -R ]; then regex=(-R "$2"); else preset=$2; fi
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) echo "run.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
  esac
  shift
done

fuzz_seconds=${HUGANG_FUZZ_SECONDS:-60}
logs=build/test-logs
mkdir -p "$logs"
failed=()

# phase NAME COMMAND...: runs it and says how long it took. Its failure is remembered, not final.
phase() {
  local name=$1 began=$SECONDS status=0
  shift
  echo "== $name"
  "$@" </dev/null || status=$?
  echo "== $name: $((SECONDS - began)) s$([ $status -eq 0 ] || echo ", FAILED ($status)")"
  [ $status -eq 0 ] || failed+=("$name")
  return $status
}

configure() {
  local log=$logs/configure.$1
  cmake --preset "$1" >"$log" 2>&1 || { tail -n 30 "$log"; return 1; }
}
# Ninja's progress is for a terminal; elsewhere what the compiler says is enough.
build() {
  local quiet=(--quiet)
  [ ! -t 1 ] || quiet=()
  cmake --build --preset "$1" -- "${quiet[@]}"
}
# Tests that must run alone say so themselves (RUN_SERIAL, which lint.tests enforces).
run_ctest() {
  local name=$1
  shift
  (cd "build/$name" && ctest -j2 --output-on-failure --no-tests=error "$@") 2>&1 |
    tee "$logs/ctest.$name"
}

# A preset from configuration to tests; the remaining arguments are ctest's.
preset_tests() {
  local name=$1
  shift
  phase "configure $name" configure "$name" || return
  phase "build $name" build "$name" || return
  phase "test $name" run_ctest "$name" "$@"
}

# Each fuzzer from its kept corpus; what it finds is added to build/fuzz/corpus, not to the tree.
fuzz_all() {
  local target name corpus count=0 status=0
  for target in build/fuzz/bin/*_fuzz; do
    [ -x "$target" ] || continue
    name=$(basename "$target")
    corpus=build/fuzz/corpus/$name
    mkdir -p "$corpus" build/fuzz/artifacts
    local seeds=()
    [ ! -d "tests/fuzz/corpus/$name" ] || seeds=("tests/fuzz/corpus/$name")
    count=$((count + 1))
    echo "-- $name for $fuzz_seconds s"
    "$target" -max_total_time="$fuzz_seconds" -print_final_stats=0 -verbosity=0 \
      -artifact_prefix="build/fuzz/artifacts/$name-" "$corpus" "${seeds[@]}" \
      >"$logs/$name" 2>&1 || { tail -n 40 "$logs/$name"; status=1; }
  done
  [ $count -gt 0 ] || { echo 'no fuzzer was built'; return 1; }
  return $status
}

closing_lines() {
  local log
  for log in "$logs"/ctest.*; do
    [ -f "$log" ] || continue
    echo "-- ${log##*ctest.}"
    sed -n '/% tests passed/,$p' "$log"
  done
}

rm -f "$logs"/ctest.*
phase 'dependencies' deploy/install-dependencies.sh --tests || exit 1

# Benchmarks measure; they are run by hand, on a quiet machine. clang-tidy takes longer than all the
# rest together.
case $mode in
  full) chosen=(-LE '^bench$') ;;
  quick) chosen=(-L '^(unit|scenario|golden|lint)$') ;;
  *) chosen=(-LE '^(bench|tidy)$') ;;
esac
preset_tests "$preset" "${chosen[@]}" "${regex[@]}" || true

if [ $mode = full ]; then
  for sanitizer in asan tsan; do
    [ "$sanitizer" = "$preset" ] ||
      preset_tests $sanitizer -LE '^(bench|lint|tidy)$' "${regex[@]}" || true
  done
  if phase 'configure fuzz' configure fuzz && phase 'build fuzz' build fuzz; then
    phase 'fuzz' fuzz_all || true
  fi
fi

echo
if [ "${#failed[@]}" -eq 0 ]; then
  echo "== all phases passed in $SECONDS s"
else
  printf '== failed: %s\n' "${failed[@]}"
fi
closing_lines
[ "${#failed[@]}" -eq 0 ]
