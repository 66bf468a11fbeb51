#!/usr/bin/env bash
# One command: installs what is missing, builds, and plays a day between Shanghai and Hong Kong.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'HELP'
Usage: deploy/demo.sh [--keep] [--no-build] [--verbose]

Starts a Shanghai and a Hong Kong node on loopback with a throw-away PKI, settles the day of
deploy/demo/day.txt, explains it, verifies both ledgers, and stops.

  --keep      leave the nodes running and print five commands to try next
  --no-build  use what is built in build/release already
  --verbose   show every command that the demonstration runs

Everything it writes is below build/. Run it as often as you like: each run begins a new day.
Stop nodes that were kept with: deploy/demo.sh --stop
HELP
}

keep=() build=yes verbose=()
for argument in "$@"; do
  case "$argument" in
    --keep) keep=(--keep) ;;
    --no-build) build=no ;;
    --verbose) verbose=(--verbose) ;;
    --stop) exec python3 deploy/demo/play_day.py --binaries build/release/bin --stop ;;
    -h | --help) usage; exit 0 ;;
    *) echo "demo.sh: unknown option $argument (see --help)" >&2; exit 2 ;;
  esac
done

deploy/install-dependencies.sh
if [ "$build" = yes ]; then
  echo "Building (the first time takes a few minutes) ..."
  log=build/demo-build.log
  mkdir -p build
  if ! { cmake --preset release \
    && cmake --build --preset release --target hugangd hugang hugang-audit; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "The build failed; the whole log is in $log" >&2
    exit 1
  fi
fi
exec python3 deploy/demo/play_day.py --binaries build/release/bin "${keep[@]}" "${verbose[@]}"
