#!/usr/bin/env bash
# Builds Hugang and runs its tests, from a clean checkout or again.
#
#   tests/run.sh                installs what is missing, builds, runs all tests but the slow kinds
#   tests/run.sh --quick        unit, scenario and golden tests and the lints: a few minutes
#   tests/run.sh --full         also clang-tidy, 200 kills, both sanitizers, a minute a fuzzer
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
  local quiet=(--quiet) preset=$1
  shift
  [ ! -t 1 ] || quiet=()
  cmake --build --preset "$preset" "$@" -- "${quiet[@]}"
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

# One fuzzer from its kept corpus, and a line about it; what it finds is added to build/fuzz/corpus,
# not to the tree. An input that fails is kept in build/fuzz/artifacts.
fuzz_one() {
  local target=$1 name status=0
  name=$(basename "$target" _fuzz)
  local kept=build/fuzz/corpus/$name log=$logs/fuzz.$name folders=() dictionary=()
  mkdir -p "$kept" build/fuzz/artifacts
  local known; known=$(find "$kept" -type f | wc -l)
  for folder in tests/fuzz/corpus/$name tests/fuzz/regressions/$name; do
    [ ! -d "$folder" ] || folders+=("$folder")
  done
  [ ! -f "tests/fuzz/dictionaries/$name.dict" ] ||
    dictionary=("-dict=tests/fuzz/dictionaries/$name.dict")
  "$target" -max_total_time="$fuzz_seconds" -timeout=25 -rss_limit_mb=4096 -print_final_stats=1 \
    -max_len=4096 -artifact_prefix="build/fuzz/artifacts/$name-" "${dictionary[@]}" \
    "$kept" "${folders[@]}" >"$log" 2>&1 || status=$?
  awk -v name="$name" -v status="$status" -v new=$(($(find "$kept" -type f | wc -l) - known)) '
    { for (i = 1; i < NF; ++i) if ($i == "cov:") cov = $(i + 1) }
    /^stat::number_of_executed_units/ { runs = $2 }
    END { printf "-- %-14s %10d runs  cov %5d  %4d new units%s\n", name, runs, cov, new,
          status == 0 ? "" : "  FAILED (" status ")" }' "$log"
  [ "$status" -eq 0 ] || tail -n 40 "$log"
  return "$status"
}

# All fuzzers, two at a time: as many as the machine that this must fit has cores.
fuzz_all() {
  local target status=0 running=0
  local targets=(build/fuzz/bin/*_fuzz)
  [ -x "${targets[0]}" ] || { echo 'no fuzzer was built'; return 1; }
  for target in "${targets[@]}"; do
    if [ "$running" -ge 2 ]; then
      wait -n || status=1
      running=$((running - 1))
    fi
    fuzz_one "$target" &
    running=$((running + 1))
  done
  while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
  done
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

# Benchmarks are measured by hand, on a quiet machine; their tests only show that they run.
# clang-tidy takes longer than all the rest together.
case $mode in
  full) chosen=() ;;
  quick) chosen=(-L '^(unit|scenario|golden|lint)$') ;;
  *) chosen=(-LE '^(tidy|campaign)$') ;;
esac
preset_tests "$preset" "${chosen[@]}" "${regex[@]}" || true

if [ $mode = full ]; then
  for sanitizer in asan tsan; do
    [ "$sanitizer" = "$preset" ] ||
      preset_tests $sanitizer -LE '^(bench|lint|tidy|campaign)$' "${regex[@]}" || true
  done
  if phase 'configure fuzz' configure fuzz && phase 'build fuzz' build fuzz --target fuzzers; then
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
