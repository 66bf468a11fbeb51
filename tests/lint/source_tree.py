"""The project's own files, and C++ text without its comments: what every lint begins with."""

import os
import pathlib
import re
import subprocess

CPP_SUFFIXES = (".cpp", ".hpp", ".h", ".cc")


def files(root):
    """Paths below root, relative, sorted: what git tracks; where no git is, all but build/."""
    root = pathlib.Path(root)
    try:
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"],
            check=True, capture_output=True).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = []
    if not names:
        for folder, subfolders, here in os.walk(root):
            subfolders[:] = [s for s in subfolders if s not in (".git", "build", "__pycache__")]
            names += [os.path.relpath(os.path.join(folder, name), root) for name in here]
    return [name for name in sorted(names) if (root / name).is_file()]


_TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|(?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")'
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')",
    re.DOTALL)


def without_comments(text, keep_strings=False):
    """The text with comments, and string literals unless kept, blanked; line numbers stay."""
    def blank(match):
        if keep_strings and not match.group("comment"):
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))
    return _TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1
