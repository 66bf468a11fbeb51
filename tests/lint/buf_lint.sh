#!/usr/bin/env bash
# `buf lint` over proto/. usage: buf_lint.sh SOURCE_DIR CACHE_DIR
# buf comes from npm, into CACHE_DIR (the build folder), once; skipped (77) where that cannot be.
set -euo pipefail
source_dir=$1
cache=$2
version=1.75.0
buf=$cache/node_modules/.bin/buf

skip() { echo "skipped: $1"; exit 77; }

if [ "$("$buf" --version 2>/dev/null)" != "$version" ]; then
  command -v npm >/dev/null || skip 'npm is not installed, and buf comes from there'
  mkdir -p "$cache"
  timeout 150 npm install --prefix "$cache" --no-audit --no-fund --no-save --ignore-scripts \
    "@bufbuild/buf@$version" </dev/null >"$cache/npm.log" 2>&1 ||
    { tail -n 5 "$cache/npm.log"; skip 'npm could not install @bufbuild/buf'; }
  [ "$("$buf" --version 2>/dev/null)" = "$version" ] || skip 'buf does not run on this machine'
fi
cd "$source_dir/proto"
BUF_CACHE_DIR=$cache/buf "$buf" lint
echo "buf lint $version finds nothing"
