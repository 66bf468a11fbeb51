#!/usr/bin/env bash
# Every C++ file of the project looks as .clang-format says. usage: check_format.sh SOURCE_DIR
# To mend: git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i
set -euo pipefail
cd "$1"
formatter=${CLANG_FORMAT:-clang-format-19}
if ! command -v "$formatter" >/dev/null; then
  echo "skipped: $formatter is not installed (deploy/install-dependencies.sh --tests)"
  exit 77
fi
# In a tree without git (a release archive) every file there is one of ours.
mapfile -d '' -t files < <(/usr/bin/env python3 -B - "$(dirname "${BASH_SOURCE[0]}")" <<'PYTHON'
import sys
sys.path.insert(0, sys.argv[1])
import source_tree
print(end="".join(name + "\0" for name in source_tree.files(".")
                  if name.endswith(source_tree.CPP_SUFFIXES)))
PYTHON
)
[ "${#files[@]}" -gt 0 ] || { echo "no C++ file found in $1"; exit 1; }
"$formatter" --dry-run -Werror "${files[@]}"
echo "${#files[@]} files are formatted"
