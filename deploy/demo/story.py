"""What the demonstration prints: plain words, tables, and one line per hop of a settlement."""

import os
import sys
import unicodedata
from datetime import datetime


def _use_colour():
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _paint(code, text):
    return f"\033[{code}m{text}\033[0m" if _use_colour() else text


def bold(text):
    return _paint("1", text)


def dim(text):
    return _paint("2", text)


def good(text):
    return _paint("32", text)


def bad(text):
    return _paint("31", text)


def width(text):
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text, columns):
    return text + " " * max(0, columns - width(text))


def heading(text):
    print()
    print(bold(text))
    print(dim("─" * 78))


def table(rows, right=()):
    """Rows of texts; columns in `right` are aligned to the right. The first row is the head."""
    columns = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = []
        for i, cell in enumerate(row):
            gap = " " * (columns[i] - width(cell))
            cells.append(gap + cell if i in right else cell + gap)
        line = "  " + "  ".join(cells).rstrip()
        print(dim(line) if number == 0 else line)


def nanoseconds(text):
    """RFC 3339 with nanoseconds as an integer count since 1970; None for null."""
    if text is None:
        return None
    whole, fraction = text.rstrip("Z").split(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    return seconds * 1_000_000_000 + int(fraction.ljust(9, "0"))


WORDS = {
    "held": "legs put on hold",
    "sent": "instruction signed and sent",
    "received": "envelope verified, instruction recorded",
    "affirmed": "the owner who pays here agrees",
    "decided": "decided: posts every leg",
    "refused": "decided: refuses, nothing moves",
    "posted": "hold becomes final",
    "released": "hold released",
}


def path(near, near_name, far, far_name):
    """Both sides' steps of one settlement in order of time, with offsets from the first."""
    hops = []
    for settlement, name in ((near, near_name), (far, far_name)):
        if settlement is None:
            continue
        is_initiator = settlement["side"] == "initiator"
        for step in settlement["steps"]:
            if is_initiator and step["step"] == "decided":
                continue  # the responder tells it, with its journal entry
            if not is_initiator and step["step"] in ("posted", "released"):
                continue
            hops.append((nanoseconds(step["at"]), name, step))
    hops.sort(key=lambda hop: hop[0])
    for at, name, step in hops:
        key = step["step"]
        code = step["code_name"]
        if key == "decided" and code not in ("", "OK"):
            key = "refused"
        words = WORDS.get(key, key.replace("-", " "))
        offset = (at - hops[0][0]) / 1e6
        entry = f"entry {step['seqno']}" if step["seqno"] else ""
        reason = "" if code in ("", "OK") else f"  {code}"
        print(dim(f"      {offset:8.2f} ms  {pad(name, 9)}  {pad(words, 42)} {entry}{reason}"))
