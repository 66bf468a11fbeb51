"""Makes tests/fuzz/corpus and tests/fuzz/dictionaries anew; to be run after a change of format.

usage: make_corpus.py [--build DIR] [--seconds N] [--fresh] [NAME...]

Grows the corpus of each target (all, or those named) from seeds.py and from what is kept already,
with the programs of the fuzz preset, and keeps the few inputs that reach most: with each one that
is added, the most branches that none before it took. --fresh leaves out what was kept.
"""

import argparse
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

import seeds

HERE = pathlib.Path(__file__).resolve().parent
FILES_MAX = 80
BYTES_MAX = 36_000


def target_names():
    found = sorted(file.name[:-len("_fuzz.cpp")] for file in HERE.glob("*_fuzz.cpp"))
    return found


def write_dictionary(name):
    file = HERE / "dictionaries" / f"{name}.dict"
    words = seeds.words(name)
    if not words:
        return []
    file.parent.mkdir(exist_ok=True)
    lines = ["# Made by make_corpus.py."]
    for word in words:
        escaped = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\' else f"\\x{b:02X}"
                          for b in word.encode())
        lines.append(f'"{escaped}"')
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [f"-dict={file}"]


def write_inputs(folder, inputs):
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def run(command, log):
    with open(log, "w", encoding="utf-8") as out:
        status = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
    if status != 0:
        raise SystemExit(f"{command[0]} failed with {status}: see {log}")


def coverage(program, folders, log):
    """The branches that the files of the folders reach, as libFuzzer counts them."""
    run([str(program), "-runs=0", *(str(folder) for folder in folders)], log)
    found = re.findall(r"cov: (\d+)", log.read_text(encoding="utf-8", errors="replace"))
    return int(found[-1]) if found else 0


def read_reach(control):
    """From libFuzzer's record of a merge: per file its branches and its finer features."""
    lines = control.read_text(encoding="utf-8").splitlines()
    count = int(lines[0])
    names = [pathlib.Path(line) for line in lines[2:2 + count]]
    branches = {name: set() for name in names}
    features = {name: set() for name in names}
    for line in lines[2 + count:]:
        kind, number, *values = line.split()
        if kind in ("FT", "COV"):
            (features if kind == "FT" else branches)[names[int(number)]].update(values)
    return branches, features


def pick(branches, features):
    """Files in the order in which each adds the most; first by branches, then by features."""
    picked, used = [], 0
    for reach in (branches, features):
        seen = set().union(*(reach[file] for file in picked))
        rest = [file for file in reach if file not in picked]
        while rest and len(picked) < FILES_MAX:
            size = {file: file.stat().st_size for file in rest}
            rest = [file for file in rest if used + size[file] <= BYTES_MAX and reach[file] - seen]
            if not rest:
                break
            best = max(rest, key=lambda file: (len(reach[file] - seen), -size[file], file.name))
            picked.append(best)
            used += size[best]
            seen |= reach[best]
    return picked


def make(name, build, seconds, fresh):
    program = build / "bin" / f"{name}_fuzz"
    kept = HERE / "corpus" / name
    work = build / "corpus_work" / name
    shutil.rmtree(work, ignore_errors=True)
    grown, unused = work / "grown", work / "unused"
    grown.mkdir(parents=True)
    unused.mkdir()
    write_inputs(work / "seeds", seeds.seeds(name))
    folders = [str(work / "seeds")] + ([str(kept)] if kept.is_dir() and not fresh else [])
    before = coverage(program, [work / "seeds"], work / "before.log")
    options = write_dictionary(name)
    if seconds > 0:
        run([str(program), f"-max_total_time={seconds}", "-max_len=4096", "-verbosity=1",
             "-timeout=25", f"-artifact_prefix={work}/", *options, str(grown), *folders],
            work / "grow.log")
    control = work / "merge.control"
    run([str(program), "-merge=1", f"-merge_control_file={control}", str(unused), str(grown),
         *folders], work / "merge.log")
    reached = coverage(program, [grown, *folders], work / "reached.log")
    picked = [(file.name, file.read_bytes()) for file in pick(*read_reach(control))]
    shutil.rmtree(kept, ignore_errors=True)
    write_inputs(kept, [data for _, data in picked])
    after = coverage(program, [kept], work / "after.log")
    size = sum(len(data) for _, data in picked)
    print(f"{name:14} {len(picked):3} files {size:6} bytes   branches: {before} by the "
          f"seeds, {reached} by all, {after} by what is kept", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "fuzz")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(target_names())
    if unknown:
        raise SystemExit(f"no such target: {', '.join(sorted(unknown))}")
    for name in arguments.names or target_names():
        make(name, arguments.build.resolve(), arguments.seconds, arguments.fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
