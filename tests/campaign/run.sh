#!/usr/bin/env bash
# Kills real nodes at random while clients run, then judges both ledgers offline.
#
#   tests/campaign/run.sh --kills 200 [--seed N] [--minutes M] [--keep] ...
#   tests/campaign/run.sh --help
#
# Takes the programs of the preset in HUGANG_PRESET (dev), which must be built.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
exec /usr/bin/python3 "$here/kill_campaign.py" --source "$root" \
  --build "$root/build/${HUGANG_PRESET:-dev}" "$@"
