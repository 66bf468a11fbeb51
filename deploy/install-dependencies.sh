#!/usr/bin/env bash
# Installs the Debian 12 packages that Hugang is built, run and tested with, and nothing else.
#
#   deploy/install-dependencies.sh            what the build, the nodes and the demo need
#   deploy/install-dependencies.sh --tests    the same, and what the tests and lints need
#   deploy/install-dependencies.sh --check    installs nothing: lists what is missing, exit 1 if any
#
# Asks dpkg first, so that a machine that has everything needs no network, no root and no time.
# Works as root, or through sudo.
set -euo pipefail

# Libraries that CMake's find_package reaches through these (Abseil, c-ares, re2, zlib, bzip2, lz4,
# zstd, Snappy, gflags, cURL, CivetWeb) are dependencies of the packages below; apt brings them.
build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev
  librocksdb-dev libssl-dev openssl libboost1.81-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  libcli11-dev libtomlplusplus-dev libfmt-dev libspdlog-dev nlohmann-json3-dev
  prometheus-cpp-dev libsqlite3-dev libxml2-dev libxml2-utils libxxhash-dev
  jq python3
)
test_packages=(
  clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev
  git python3-grpcio python3-grpc-tools
)
# Only where no Node.js is found: a newer one from elsewhere is as good and must not be replaced.
node_packages=(nodejs npm ca-certificates)

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }

wanted=("${build_packages[@]}")
check_only=false
for argument in "$@"; do
  case $argument in
    --tests)
      wanted+=("${test_packages[@]}")
      command -v node >/dev/null || wanted+=("${node_packages[@]}")
      ;;
    --check) check_only=true ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install-dependencies.sh: unknown option '$argument'; see --help" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null; then
  echo "install-dependencies.sh: this is not a Debian system (no dpkg-query)." \
       "Install the equivalents of: ${wanted[*]}" >&2
  exit 1
fi

# One call for all: dpkg-query names what it knows; what it does not name, or names with another
# state than installed, is missing.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  printf '%s\n' "${wanted[@]}" | grep -vxF -f <(printf '%s\n' "$installed") || true
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -eq 0 ]; then
  echo "dependencies: all ${#wanted[@]} packages are installed"
  exit 0
fi
if $check_only; then
  echo "dependencies: ${#missing[@]} of ${#wanted[@]} packages are missing:"
  printf '  %s\n' "${missing[@]}"
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-dependencies.sh: run this as root, or install sudo. Missing: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

log=$(mktemp "${TMPDIR:-/tmp}/hugang-apt.XXXXXX")
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}
fail() {
  tail -n 20 "$log" >&2
  echo "install-dependencies.sh: $1 The whole output is in $log." >&2
  exit 1
}

echo "dependencies: installing ${#missing[@]} packages (${missing[*]})"
apt update || fail "apt-get update failed: check the network and the apt sources."
apt install --no-install-recommends "${missing[@]}" ||
  fail "apt-get could not install the packages: is this Debian 12?"

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -ne 0 ]; then
  fail "apt-get said it was done, but these are still missing: ${missing[*]}."
fi
rm -f "$log"
echo "dependencies: done"
