"""Checks what holds for every text file of the project; see RULES.

usage: check_text.py SOURCE_DIR [--exceptions FILE]
"""

import argparse
import pathlib
import re
import sys

import source_tree

LINES_MAX = 500
COLUMNS_MAX = 100
VAGUE_NAMES = {"util", "utils", "utility", "utilities", "common", "helper", "helpers", "misc",
               "manager", "managers"}
# What clang-format does not measure.
MEASURED = (".proto", ".py", ".sh", ".js")
# Data that others' formats shape: neither length nor spacing is ours to choose.
DATA = (".xml", ".json", ".svg", ".csv", ".golden", ".txt")
# Inputs of fuzzers: any bytes at all.
INPUTS = ("tests/fuzz/corpus/", "tests/fuzz/regressions/")

# Written in two parts, so that this file does not break its own rules.
OPEN_WORK = re.compile(r"\b(TO" r"DO|FIX" r"ME|HA" r"CK)\b")
# /home/alice and /home/bob are nobody's: examples in tests and documents.
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(work|home(?!/alice\b|/bob\b)|root|Users)/[\w.]")
ADDRESS = re.compile(r"\b(?:https?|ftp)://(?!(?:localhost|127\.0\.0\.1|\[::1\]|www\.w3\.org"
                     r"|[\w.-]*example\.|\$|\{|%))[\w.-]+")
PACKAGE_HOST = re.compile(r"\b(deb\.debian|registry\.npmjs|pypi|files\.pythonhosted|github|gitlab"
                          r"|proxy\.golang|crates)\.(org|com|io)\b")
FETCH = re.compile(r"\b(FetchContent_\w+|ExternalProject_\w+|CPMAddPackage)\b|file\s*\(\s*DOWNLOAD")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(|\btime\.sleep\(")
NAMESPACE = re.compile(r"\bnamespace\s+([\w:]+)")


def is_script(name):
    if name.endswith((".md", ".xml")):
        return False
    return (name.endswith((".sh", ".py", ".cmake", ".js", "CMakeLists.txt")) or
            name.startswith((".ci/", "deploy/")))


def vague(words):
    return any(word in VAGUE_NAMES for word in re.split(r"[_:.\-]+", words.lower()))


def check_whole(name, text):
    if text and not text.endswith("\n"):
        yield "newline", text.count("\n") + 1, "the file does not end with a newline"
    lines = text.count("\n")
    if lines > LINES_MAX and not name.endswith(DATA):
        yield "length", lines, f"{lines} lines: split it along a line of the architecture"
    if name.endswith((".hpp", ".h")) and not re.search(r"^#pragma once$", text, re.MULTILINE):
        yield "pragma", 1, "a header begins with #pragma once"
    for part in pathlib.PurePath(name).parts:
        if vague(part):
            yield "name", 1, f"'{part}' says nothing: name the thing that is in it"


def check_line(name, line):
    if "\t" in line:
        yield "tab", "a tab: indent with spaces"
    if line != line.rstrip() and not name.endswith(DATA + (".md",)):
        yield "space", "spaces or a carriage return at the end of the line"
    if name.endswith(MEASURED) and len(line) > COLUMNS_MAX:
        yield "columns", f"{len(line)} columns: {COLUMNS_MAX} at most"
    if OPEN_WORK.search(line):
        yield "open", "unfinished work is an issue, not a comment"
    if MACHINE_PATH.search(line):
        yield "path", "a path of one machine"
    if is_script(name) and (ADDRESS.search(line) or PACKAGE_HOST.search(line)):
        yield "address", "scripts name no host: nothing is fetched but by apt and npm as configured"
    if is_script(name) and FETCH.search(line):
        yield "fetch", "nothing is downloaded at build time: use a Debian package"
    real_time = not name.startswith("tests/") or name.startswith("tests/integration/")
    if not real_time and SLEEP.search(line):
        yield "sleep", "tests do not sleep: time is a port"
    if name.endswith(source_tree.CPP_SUFFIXES):
        found = NAMESPACE.search(line)
        if found and vague(found.group(1)):
            yield "name", f"namespace {found.group(1)}: name the thing that is in it"


def check_file(name, text):
    yield from check_whole(name, text)
    for number, line in enumerate(text.split("\n"), 1):
        for rule, message in check_line(name, line):
            yield rule, number, message


def read_exceptions(path):
    exceptions = set()
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            parts = [part.strip() for part in line.split(" : ")]
            if len(parts) != 3 or not parts[2]:
                raise SystemExit(f"{path}: not FILE : RULE : REASON: {line}")
            exceptions.add((parts[0], parts[1]))
    return exceptions


def violations(root, exceptions):
    unused = set(exceptions)
    for name in source_tree.files(root):
        if name.startswith(INPUTS):
            continue
        data = (pathlib.Path(root) / name).read_bytes()
        if b"\0" in data:
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            if not name.endswith((".bin", ".der", ".xml")):
                yield f"{name}: encoding: not UTF-8: {error.reason}"
            continue
        for rule, line, message in check_file(name, text):
            if (name, rule) in exceptions:
                unused.discard((name, rule))
            else:
                yield f"{name}:{line}: {rule}: {message}"
    for name, rule in sorted(unused):
        yield f"text_exceptions.txt: {name} no longer needs its exception from '{rule}'"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    here = pathlib.Path(__file__)
    parser.add_argument("--exceptions", default=here.with_name("text_exceptions.txt"))
    arguments = parser.parse_args()
    found = list(violations(arguments.root, read_exceptions(arguments.exceptions)))
    print("\n".join(found) if found else "every text file keeps the rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
