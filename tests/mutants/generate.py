#!/usr/bin/env python3
"""Plants bugs in copies of the product's sources; tables/*.mutants say which.

    generate.py check SOURCE TABLE...              every mutant fits the sources
    generate.py files TABLE...                     the files that some mutant changes
    generate.py copy SOURCE FILE OUT TABLE...      FILE with every mutant's switch, as OUT
    generate.py list OUT TABLE...                  names, figures and sentences as a C++ table

A table is a text of blocks:

    mutant reply-before-durable
    bug: A client is answered as soon as its command is applied, before the journal has it.
    in: services/node/sequencer.cpp, statement
    within: 50
    include: a header that the mutated text needs and the file has not
    - the text as it stands in the file; how it is broken into lines does not matter
    + what the mutant does instead; without such a line: nothing

`expression` gives (is on ? (mutated) : (original)); `statement` gives an if with both as its
branches; `text` puts the mutated text as it is written, with MUTANT for the switch and ORIGINAL for
what stood there. Where the text alone does not stand out, more of the file goes around it and @< >@
mark the part that is replaced. A mutant may change several places: each is a further run of - and +
lines, with an in: line where file or kind differ. Lines that begin with # are remarks.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

KINDS = ("expression", "statement", "text")
WITHIN_DEFAULT = 200


class TableError(Exception):
    """What a person has to mend in a table."""


@dataclass
class Edit:
    """One place of one mutant."""

    mutant: str
    file: str
    kind: str
    original: str
    mutated: str


@dataclass
class Mutant:
    """A planted bug."""

    name: str
    where: str
    bug: str = ""
    within: int = WITHIN_DEFAULT
    edits: list = field(default_factory=list)
    include: str = ""


class Reader:
    """Reads one table, line by line."""

    def __init__(self, path):
        self.path = path
        self.mutants = []
        self.file, self.kind = "", ""
        self.removed, self.added = [], []

    def read(self):
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                self.take(line, f"{self.path.name}:{number}")
            except TableError as error:
                raise TableError(f"{self.path.name}:{number}: {error}") from None
        self.end_edit()
        return self.mutants

    def take(self, line, where):
        if line.startswith("- ") or line.startswith("+ ") or line in ("-", "+"):
            self.take_text(line[0], line[2:])
            return
        self.end_edit()
        if not line.strip() or line.startswith("#"):
            return
        if line.startswith("mutant "):
            self.file, self.kind = "", ""
            self.mutants.append(Mutant(name=line.split(" ", 1)[1].strip(), where=where))
            return
        self.take_field(line)

    def take_text(self, sign, text):
        if sign == "-":
            if self.added:
                self.end_edit()
            self.removed.append(text)
        else:
            self.added.append(text)

    def take_field(self, line):
        name, colon, value = line.partition(":")
        value = value.strip()
        if not self.mutants or not colon:
            raise TableError(f"not understood: {line!r}")
        if name == "bug":
            self.mutants[-1].bug = value
        elif name == "within":
            self.mutants[-1].within = int(value)
        elif name == "include":
            self.mutants[-1].include = value
        elif name == "in":
            self.file, _, kind = value.partition(",")
            self.kind = kind.strip()
            if self.kind not in KINDS:
                raise TableError(f"kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        else:
            raise TableError(f"unknown field {name!r}")

    def end_edit(self):
        if not self.removed and not self.added:
            return
        if not self.removed:
            raise TableError("a + line without a - line before it")
        if not self.mutants or not self.file:
            raise TableError("a place needs an in: line before it")
        self.mutants[-1].edits.append(
            Edit(self.mutants[-1].name, self.file, self.kind,
                 "\n".join(self.removed), " ".join(part.strip() for part in self.added)))
        self.removed, self.added = [], []


def read_tables(paths):
    """All mutants, checked for form."""
    mutants = []
    for path in sorted(paths):
        mutants += Reader(path).read()
    seen = set()
    for mutant in mutants:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", mutant.name):
            raise TableError(f"{mutant.where}: {mutant.name!r} is no name in kebab-case")
        if mutant.name in seen:
            raise TableError(f"{mutant.where}: the name {mutant.name} is taken")
        seen.add(mutant.name)
        if not mutant.bug.endswith("."):
            raise TableError(f"{mutant.where}: {mutant.name} needs a bug: line, one sentence")
        if not mutant.edits:
            raise TableError(f"{mutant.where}: {mutant.name} changes nothing")
        for edit in mutant.edits:
            if "//" in edit.mutated:
                raise TableError(f"{mutant.where}: {mutant.name}: no remarks in mutated text")
            if (edit.kind == "text") != ("MUTANT" in edit.mutated):
                raise TableError(f"{mutant.where}: {mutant.name}: MUTANT belongs to kind text")
    return mutants


@dataclass
class Span:
    """Where a text stands, and the edits that replace it."""

    begin: int
    end: int
    edits: list


def locate(text, edit):
    """The span of the edit's original; runs of white space are equal to each other."""
    marked = re.fullmatch(r"(.*)@<(.*)>@(.*)", edit.original, re.DOTALL)
    before, inside, after = marked.groups() if marked else ("", edit.original, "")

    def pattern(part):
        return r"\s+".join(re.escape(word) for word in part.split())

    whole = rf"{pattern(before)}\s*(?P<inside>{pattern(inside)})\s*{pattern(after)}"
    found = list(re.finditer(whole, text))
    if len(found) != 1:
        often = "not at all" if not found else f"{len(found)} times"
        raise TableError(
            f"mutant {edit.mutant} needs an update: its text stands {often} in {edit.file}, and "
            f"it must stand there once:\n  " + edit.original.replace("\n", "\n  "))
    return Span(found[0].start("inside"), found[0].end("inside"), [edit])


def nest(spans):
    """Equal spans as one; overlapping ones that do not nest are an error."""
    merged = []
    for span in sorted(spans, key=lambda s: (s.begin, -s.end)):
        if merged and (merged[-1].begin, merged[-1].end) == (span.begin, span.end):
            merged[-1].edits += span.edits
        else:
            merged.append(span)
    for a, b in zip(merged, merged[1:]):
        if a.begin < b.begin < a.end < b.end:
            raise TableError(f"mutants {a.edits[0].mutant} and {b.edits[0].mutant} overlap in "
                             f"{a.edits[0].file}: widen one of them to hold the other")
    return merged


def switched(edit, original):
    switch = f'::hugang::mutants::is_on("{edit.mutant}")'
    if edit.kind == "expression":
        return f"({switch} ? ({edit.mutated}) : ({original}))"
    if edit.kind == "statement":
        return f"if ({switch}) {{ {edit.mutated} }} else {{ {original} }}"
    if "is_on(" in original and "ORIGINAL" not in edit.mutated:
        raise TableError(f"mutant {edit.mutant} hides another one: write ORIGINAL where it stood")
    return edit.mutated.replace("MUTANT", switch).replace("ORIGINAL", original)


def planted(text, begin, end, spans):
    """text[begin:end] with the switches of all spans in it. Line numbers stay: mutated text takes
    no line of its own."""
    out = []
    at = begin
    for i, span in enumerate(spans):
        if span.begin < at:
            continue  # within a span that is done
        inner = [s for s in spans[i + 1:] if s.begin < span.end]
        original = planted(text, span.begin, span.end, inner)
        for edit in span.edits:
            lines = original.count("\n")
            original = switched(edit, original)
            original += "\n" * (lines - original.count("\n"))
        out += [text[at:span.begin], original]
        at = span.end
    out.append(text[at:end])
    return "".join(out)


def copy_of(source, file, mutants):
    text = (source / file).read_text(encoding="utf-8")
    edits = [edit for mutant in mutants for edit in mutant.edits if edit.file == file]
    spans = nest([locate(text, edit) for edit in edits])
    wanted = {m.include for m in mutants if m.include and any(e.file == file for e in m.edits)}
    names = ["tests/mutants/switch.hpp", *sorted(wanted)]
    includes = "".join(f'#include "{name}"\n' for name in names)
    return (f'{includes}#line 1 "{file}"\n'
            + planted(text, 0, len(text), spans))


def files_of(mutants):
    return sorted({edit.file for mutant in mutants for edit in mutant.edits})


def list_of(mutants):
    rows = "".join(f'    {{"{m.name}", {m.within}, "{m.bug}"}},\n' for m in mutants)
    return ('#include "tests/mutants/catalogue.hpp"\n\nnamespace hugang::mutants {\n\n'
            "const std::vector<Mutant>& catalogue() {\n  static const std::vector<Mutant> all{\n"
            f"{rows}  }};\n  return all;\n}}\n\n}}  // namespace hugang::mutants\n")


def write_if_changed(path, text):
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main(arguments):
    task = arguments[0]
    if task == "files":
        print(";".join(files_of(read_tables([Path(a) for a in arguments[1:]]))), end="")
    elif task == "check":
        mutants = read_tables([Path(a) for a in arguments[2:]])
        for file in files_of(mutants):
            copy_of(Path(arguments[1]), file, mutants)
    elif task == "copy":
        source, file, out = Path(arguments[1]), arguments[2], Path(arguments[3])
        mutants = read_tables([Path(a) for a in arguments[4:]])
        write_if_changed(out, copy_of(source, file, mutants))
    elif task == "list":
        write_if_changed(Path(arguments[1]), list_of(read_tables([Path(a) for a in arguments[2:]])))
    else:
        raise TableError(f"unknown task {task!r}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (TableError, OSError) as error:
        print(f"mutants: {error}", file=sys.stderr)
        sys.exit(1)
