#!/usr/bin/env bash
# Tests deploy/install-dependencies.sh against a package manager that only writes down what it is
# asked: it must ask for what is missing, for nothing else, and for nothing where all is there.
# usage: install_dependencies_test.sh SOURCE_DIR
set -uo pipefail
script=$1/deploy/install-dependencies.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export FAKE=$work
mkdir "$work/bin"
failures=0
expect() {
  local sentence=$1; shift
  if ! "$@"; then echo "FAILED: $sentence"; cat "$work/said"; failures=$((failures + 1)); fi
}

# dpkg-query: every name is installed unless it stands in $FAKE/missing; like the real one, it is
# silent about unknown names and exits 1 for them.
cat >"$work/bin/dpkg-query" <<'FAKE_DPKG'
#!/usr/bin/env bash
status=0
for name in "${@:4}"; do
  if grep -qxF "$name" "$FAKE/missing"; then status=1
  elif [ "$name" = "$(cat "$FAKE/removed" 2>/dev/null)" ]; then echo "config-files $name"
  else echo "installed $name"; fi
done
exit $status
FAKE_DPKG
# apt-get: `install` installs, unless $FAKE/broken says that there is no network.
cat >"$work/bin/apt-get" <<'FAKE_APT'
#!/usr/bin/env bash
echo "$*" >>"$FAKE/asked"
[ ! -e "$FAKE/broken" ] || { echo 'E: no network'; exit 100; }
case " $* " in *' install '*) : >"$FAKE/missing"; rm -f "$FAKE/removed" ;; esac
FAKE_APT
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
printf '#!/bin/sh\n' >"$work/bin/node"
chmod +x "$work"/bin/*
export PATH=$work/bin:$PATH TMPDIR=$work

: >"$work/asked"
: >"$work/missing"
run() { "$script" "$@" >"$work/said" 2>&1; }
asked_nothing() { [ ! -s "$work/asked" ]; }
says() { grep -q -- "$1" "$work/said"; }

run --tests
expect 'all there: success' test $? -eq 0
expect 'all there: apt is not asked' asked_nothing
expect 'all there: says so in one line' test "$(wc -l <"$work/said")" -eq 1

printf 'librocksdb-dev\njq\n' >"$work/missing"
run --check
expect '--check: exit 1 where something is missing' test $? -eq 1
expect '--check: names the first missing one' says '^  librocksdb-dev$'
expect '--check: names the second missing one' says '^  jq$'
expect '--check: installs nothing' asked_nothing

run
expect 'missing ones are installed' test $? -eq 0
expect 'the lists are updated first' grep -q 'update$' <(head -n 1 "$work/asked")
expect 'exactly the missing ones are asked for' \
  grep -qE 'install --no-install-recommends librocksdb-dev jq$' "$work/asked"

: >"$work/asked"
echo g++ >"$work/removed"
run
expect 'a removed package with configuration left counts as missing' \
  grep -qF -- 'recommends g++' "$work/asked"

: >"$work/asked"
echo python3-grpcio >"$work/missing"
run
expect 'what only tests need is left alone without --tests' asked_nothing

echo jq >"$work/missing"
: >"$work/broken"
run
expect 'no network: failure' test $? -eq 1
expect 'no network: shows what apt said' says 'E: no network'
expect 'no network: says what to do' says 'check the network'

run --nonsense
expect 'an unknown option is refused' test $? -eq 2

[ $failures -eq 0 ] && echo 'all expectations on the installer hold'
exit $((failures > 0))
