"""Checks who includes whom, and what the pure core names, against layers.txt.

usage: check_layers.py SOURCE_DIR [--rules FILE] [--table]

--table prints the layers as Markdown instead, for docs/ARCHITECTURE.md. Exit 1 on any violation.
"""

import argparse
import pathlib
import re
import sys

import source_tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<(?P<angle>[^>\n]+)>|"(?P<quote>[^"\n]+)")',
                     re.MULTILINE)
HASH_TABLE = re.compile(r"\bunordered_(?:flat|node)_(?:map|set)\s*<[^;{}]*>\s*&?\s*(\w+)\s*[;{=]")
ORDER_FREE = "order-free:"


class Rules:
    """layers.txt, read. A line that is not understood is an error, never skipped."""

    def __init__(self, text):
        self.folders, self.libraries, self.forbidden, self.allowed = {}, [], [], []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            kind, _, rest = line.partition(" ")
            # A regular expression may hold colons, so the separator is a colon between spaces.
            parts = [part.strip() for part in rest.split(" : ")]
            if kind == "folder" and len(parts) == 2:
                self.folders[parts[0]] = parts[1].split()
            elif kind == "library" and len(parts) == 2:
                self.libraries.append((parts[0].split(), parts[1].split()))
            elif kind == "forbid" and len(parts) == 3:
                self.forbidden.append((parts[0], re.compile(parts[1]), parts[2]))
            elif kind == "allow" and len(parts) == 3:
                self.allowed.append((parts[0], parts[1]))
            else:
                raise SystemExit(f"layers.txt:{number}: not understood: {line}")

    def layer_of(self, name):
        """The longest folder of the table that holds the file, or None."""
        holding = [folder for folder in self.folders if is_below(name, folder)]
        return max(holding, key=len, default=None)

    def is_allowed(self, name, matched):
        return any(name == file and text in matched for file, text in self.allowed)


def is_below(name, folder):
    return name == folder or name.startswith(folder + "/")


def generated_from_proto(name):
    return name.endswith(".pb.h")


def check_includes(rules, name, code):
    layer = rules.layer_of(name)
    top_folders = {folder.split("/")[0] for folder in rules.folders} | {"tests"}
    for match in INCLUDE.finditer(code):
        line = source_tree.line_of(code, match.start())
        header = match.group("quote") or match.group("angle")
        for prefixes, owners in rules.libraries:
            if any(header.startswith(prefix) for prefix in prefixes) and \
                    not generated_from_proto(header) and \
                    not any(is_below(name, owner) for owner in owners):
                yield line, f"<{header}> may be included only in {', '.join(owners)}"
        if generated_from_proto(header):
            target = "proto"
        elif match.group("quote"):
            target = header
        else:
            continue
        if target.split("/")[0] not in top_folders:
            yield line, f'"{header}": our headers are included by their path from the project root'
        elif not any(is_below(target, folder) for folder in rules.folders[layer]):
            yield line, f'{layer} may not include "{header}": only {" ".join(rules.folders[layer])}'


def check_forbidden(rules, name, code):
    for folder, pattern, reason in rules.forbidden:
        if not is_below(name, folder):
            continue
        for match in pattern.finditer(code):
            if not rules.is_allowed(name, match.group(0)):
                found = " ".join(match.group(0).split())
                yield source_tree.line_of(code, match.start()), f"'{found}': {reason}"


def check_hash_order(name, code, text, tables):
    """Walking a hash table makes its order observable, and that order is not part of the journal.

    A loop whose result does not depend on the order says so: a comment `order-free: why` on its
    line or the one above.
    """
    lines = text.splitlines()
    for table in sorted(tables):
        walk = re.compile(rf"\bfor\s*\([^;()]*:\s*(?:[\w.]|->)*\b{table}\s*\)"
                          rf"|\b{table}\s*\.\s*c?begin\s*\(")
        for match in walk.finditer(code):
            line = source_tree.line_of(code, match.start())
            if not any(ORDER_FREE in lines[at] for at in (line - 1, line - 2) if at >= 0):
                yield line, (f"walks the hash table '{table}', whose order differs between builds: "
                             f"walk a sorted copy, or say '// {ORDER_FREE} why'")


def violations(root, rules):
    root = pathlib.Path(root)
    names = [name for name in source_tree.files(root)
             if name.endswith(source_tree.CPP_SUFFIXES) and rules.layer_of(name)]
    texts = {name: (root / name).read_text(encoding="utf-8", errors="replace") for name in names}
    codes = {name: source_tree.without_comments(text) for name, text in texts.items()}
    # What a header of the core declares as a hash table is taken for one in the whole core.
    shared = {table for name in names if is_below(name, "clearing") and name.endswith(".hpp")
              for table in HASH_TABLE.findall(codes[name])}
    for name in names:
        with_strings = source_tree.without_comments(texts[name], keep_strings=True)
        found = list(check_includes(rules, name, with_strings))
        found += check_forbidden(rules, name, codes[name])
        if is_below(name, "clearing"):
            tables = shared | set(HASH_TABLE.findall(codes[name]))
            found += check_hash_order(name, codes[name], texts[name], tables)
        for line, message in sorted(set(found)):
            yield f"{name}:{line}: {message}"


def table(rules):
    rows = ["| folder | may include |", "| --- | --- |"]
    rows += [f"| `{folder}` | {', '.join(f'`{other}`' for other in others)} |"
             for folder, others in rules.folders.items()]
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    parser.add_argument("--rules", default=pathlib.Path(__file__).with_name("layers.txt"))
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    rules = Rules(pathlib.Path(arguments.rules).read_text(encoding="utf-8"))
    if arguments.table:
        print(table(rules), end="")
        return 0
    found = list(violations(arguments.root, rules))
    print("\n".join(found) if found else "every include and every name keeps to layers.txt")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
