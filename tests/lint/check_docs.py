"""Checks that the documents speak of what is there.

usage: check_docs.py SOURCE_DIR

- a path of this tree in backticks or in a shell block exists (globs match something);
- a script that a shell block starts is executable;
- a relative link resolves, and so does its #heading;
- the layer table between <!-- layers --> marks is what layers.txt says.
"""

import glob
import os
import pathlib
import re
import sys

import check_layers
import source_tree

FENCE = re.compile(r"^(```+|~~~+)[ \t]*(\w*)[^\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
TABLE = re.compile(r"<!-- layers -->\n(.*?)<!-- /layers -->", re.DOTALL)
PATH = re.compile(r"[\w.*+-]+(?:/[\w.*+-]+)*/?")
SHELL = {"sh", "bash", "shell", "console"}
# Where what is built or made at run time lies: it cannot be there in a clean checkout.
MADE = ("build/",)


def top_level(names):
    """Folders by which a path of this tree is recognised, and files that lie at the root."""
    return {name.split("/")[0] for name in names}


def slug(heading):
    """The anchor that Markdown renderers make of a heading."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def is_path_of_ours(word, tops):
    first = word.split("/")[0]
    if word.startswith(MADE) or not PATH.fullmatch(word):
        return False
    return first in tops and ("/" in word or "." in first[1:])


def exists(root, word):
    return any(glob.iglob(str(root / word))) if "*" in word else (root / word).exists()


def check_paths(root, name, text, tops):
    prose = FENCE.sub(lambda fence: re.sub(r"[^\n]", " ", fence.group(0)), text)
    for span in SPAN.finditer(prose):
        # The first word is a path or a command; what follows are its arguments.
        words = span.group(1).split()
        if words and is_path_of_ours(words[0].removeprefix("./").rstrip(".,:;"), tops):
            path = words[0].removeprefix("./").rstrip(".,:;")
            if not exists(root, path):
                yield source_tree.line_of(prose, span.start()), f"`{path}` does not exist"
    for fence in FENCE.finditer(text):
        if fence.group(2) not in SHELL:
            continue
        first_line = source_tree.line_of(text, fence.start(3))
        continued = False
        for offset, line in enumerate(fence.group(3).splitlines()):
            yield from check_command(root, first_line + offset, line, tops, not continued)
            continued = line.endswith("\\")


def check_command(root, number, line, tops, begins_command):
    line = re.sub(r"^\s*[$#]\s+", "", line)
    for word in re.split(r"\s+", line.split(" #")[0].strip()):
        path = word.removeprefix("./")
        if is_path_of_ours(path, tops):
            if not exists(root, path):
                yield number, f"{path} does not exist"
            elif begins_command and not os.access(root / path, os.X_OK):
                yield number, f"{path} is started here, but is not executable"
        begins_command = word in ("sudo", "&&", "|", ";", "time", "env") or \
            (begins_command and re.fullmatch(r"\w+=\S*", word) is not None)


def check_links(root, name, text, names):
    for link in LINK.finditer(FENCE.sub(lambda f: re.sub(r"[^\n]", " ", f.group(0)), text)):
        target = link.group(1) or link.group(2)
        line = source_tree.line_of(text, link.start())
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        if there not in names and not (root / there).is_dir():
            yield line, f"link to {target}: no such file"
        elif anchor and there.endswith(".md"):
            headings = HEADING.findall((root / there).read_text(encoding="utf-8"))
            if anchor not in {slug(heading) for heading in headings}:
                yield line, f"link to {target}: no such heading"


def check_table(name, text, rules_text):
    for found in TABLE.finditer(text):
        if found.group(1).strip() != check_layers.table(check_layers.Rules(rules_text)).strip():
            yield (source_tree.line_of(text, found.start()),
                   "the layer table is not what `check_layers.py --table` prints")


def violations(root):
    root = pathlib.Path(root)
    names = source_tree.files(root)
    tops = top_level(names)
    rules_file = pathlib.Path(__file__).with_name("layers.txt")
    for name in names:
        if not name.endswith(".md"):
            continue
        text = (root / name).read_text(encoding="utf-8")
        found = list(check_paths(root, name, text, tops))
        found += check_links(root, name, text, set(names))
        found += check_table(name, text, rules_file.read_text(encoding="utf-8"))
        for line, message in sorted(found):
            yield f"{name}:{line}: {message}"


def main():
    found = list(violations(sys.argv[1]))
    print("\n".join(found) if found else "every path and link in the documents is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
