"""Runs clang-tidy over the product's own sources, and remembers what was clean.

usage: run_tidy.py SOURCE_DIR BUILD_DIR [-j N] [--all] [REGEX]

A file that was clean is not looked at again until it, a header of ours that it reaches, its compile
command, .clang-tidy or clang-tidy itself changes; --all forgets that. REGEX narrows the files.
Exit 77 (skipped) where clang-tidy or the compile commands are missing.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

FOLDERS = ("clearing", "crypto", "ledger", "services", "clients")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# The commands are GCC's: what clang does not know is no finding, and its own warnings are the
# compiler's business in the fuzz preset. A precompiled header of GCC's is no use to clang.
EXTRA = ["--extra-arg=-Wno-error", "--extra-arg=-Wno-unknown-warning-option",
         "--extra-arg=-Wno-ignored-optimization-argument", "--extra-arg=-Wno-ignored-gch"]


class Fingerprints:
    """A digest of all that decides what clang-tidy says about a file."""

    def __init__(self, root, tidy):
        self.root = root
        self.texts = {}
        version = subprocess.run([tidy, "--version"], check=True, capture_output=True).stdout
        contract = b"".join(file.read_bytes() for file in sorted(root.glob("proto/**/*.proto")))
        checks = (root / ".clang-tidy").read_bytes()
        self.base = version + checks + contract + "".join(EXTRA).encode()

    def text(self, name):
        if name not in self.texts:
            file = self.root / name
            self.texts[name] = file.read_text(encoding="utf-8") if file.is_file() else ""
        return self.texts[name]

    def reached_by(self, name):
        """The file and every header of ours below it."""
        reached, waiting = set(), [name]
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting += INCLUDE.findall(self.text(at))
        return reached

    def of(self, name, command):
        digest = hashlib.sha256(self.base + command.encode())
        for reached in sorted(self.reached_by(name)):
            digest.update(f"{reached}\0{self.text(reached)}\0".encode())
        return digest.hexdigest()


def own_sources(root, build, wanted):
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        if name.split(os.sep)[0] in FOLDERS and wanted.search(name) and (root / name).is_file():
            yield name, entry["command"]


def tidy_one(tidy, root, build, name):
    command = [tidy, "--quiet", "-p", str(build), *EXTRA, str(root / name)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return name, result.returncode, result.stdout + (result.stderr if result.returncode else "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("-j", type=int, default=2, dest="jobs")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("regex", nargs="?", default="")
    arguments = parser.parse_intermixed_args()
    root, build = arguments.root.resolve(), arguments.build.resolve()
    tidy = shutil.which(os.environ.get("CLANG_TIDY", "clang-tidy-19"))
    if not tidy or not (build / "compile_commands.json").is_file():
        print("skipped: clang-tidy-19 or the compile commands are missing")
        return 77

    clean = build / "tidy"
    clean.mkdir(exist_ok=True)
    fingerprints = Fingerprints(root, tidy)
    sources = dict(own_sources(root, build, re.compile(arguments.regex)))
    marks = {name: clean / fingerprints.of(name, command) for name, command in sources.items()}
    todo = [name for name in sorted(sources) if arguments.all or not marks[name].exists()]
    print(f"clang-tidy: {len(todo)} of {len(sources)} files to look at", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for name, status, said in pool.map(lambda n: tidy_one(tidy, root, build, n), todo):
            if status == 0:
                marks[name].touch()
            else:
                failed += 1
                print(f"--- {name}\n{said}", flush=True)
    print(f"clang-tidy: {failed} files with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
