"""Reads the day: participants.txt, day.txt and closing.txt. See README.md for their form."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Participant:
    node: str
    bic: str
    lei: str
    name: str
    local_name: str


@dataclass(frozen=True)
class Money:
    amount: Decimal
    asset: str

    def __str__(self):
        return f"{self.amount:,} {self.asset}"


@dataclass(frozen=True)
class Step:
    verb: str
    who: tuple  # (node, bic) pairs, or node names for reconcile and audit
    what: tuple  # Money or a message's path
    outcome: str
    comment: str


def _lines(name):
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def participants():
    result = []
    for line in _lines("participants.txt"):
        if line.strip() and not line.startswith("#"):
            result.append(Participant(*[part.strip() for part in line.split("|")]))
    return result


def _money(amount, asset):
    return Money(Decimal(amount), asset)


def _step(line, comment):
    words, outcome = [part.strip() for part in line.split("=>")]
    verb, *rest = words.split()
    if verb in ("reconcile", "audit"):
        return Step(verb, tuple(rest), (), outcome, comment)
    who = tuple(rest[0].split(":"))
    if verb == "fund":
        return Step(verb, (who,), (_money(rest[1], rest[2]),), outcome, comment)
    if verb == "submit":
        return Step(verb, (who,), (FOLDER / rest[1],), outcome, comment)
    other = tuple(rest[3].split(":"))
    return Step(
        verb, (who, other), (_money(rest[1], rest[2]), _money(rest[4], rest[5])), outcome, comment
    )


def steps():
    """The steps in order; a comment line above a step explains it."""
    result, comment = [], ""
    for line in _lines("day.txt"):
        if line.startswith("#"):
            comment = line.lstrip("# ").strip()
        elif line.strip():
            result.append(_step(line, comment))
            comment = ""
        else:
            comment = ""
    return result


def closing():
    """What every account must hold in the end: {(node, bic, asset): Decimal}."""
    result = {}
    for line in _lines("closing.txt"):
        if line.strip() and not line.startswith("#"):
            who, amount, asset = line.split()
            node, bic = who.split(":")
            result[node, bic, asset] = Decimal(amount)
    return result


def accounts_needed():
    """Every (node, bic, asset) that the day touches, in a stable order."""
    needed = {}
    for key in closing():
        needed[key] = True
    for message in sorted((FOLDER / "messages").glob("*.xml")):
        for place in re.findall(
            r"\$\{ACCOUNT:([^:}]+):([^:}]+):([^}]+)\}", message.read_text(encoding="utf-8")
        ):
            needed[place] = True
    for step in steps():
        if step.verb == "fund":
            needed[(*step.who[0], step.what[0].asset)] = True
        if step.verb in ("pvp", "dvp"):
            for who in step.who:
                for money in step.what:
                    needed[(*who, money.asset)] = True
    return list(needed)
