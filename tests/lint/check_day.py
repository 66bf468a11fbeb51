"""Checks the demonstration's day: every message, every identifier, and the sums of the whole day.

usage: check_day.py SOURCE_DIR [--write-closing]

- messages validate against the ISO 20022 schemas (../shared/conformance, or HUGANG_SHARED; where
  they are absent that part is left out, with a word);
- BIC, LEI and UETR have their form and check digits; UETRs differ;
- the day is played with integers alone, apart from the code that settles it: what everybody holds
  afterwards is what closing.txt says, and per asset it is what was issued.
"""

import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
ACCOUNT = re.compile(r"ACCOUNT:([a-z-]+):([A-Z0-9]{11}):([A-Z.]+)")
BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
UETR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:([a-z0-9.]+)\}")
DECIMALS = {"CNY.D": 2, "HKD": 2, "XAU.G": 4}
ASSET_OF = {"CNY": "CNY.D", "HKD": "HKD"}


def to_minor(text, asset):
    whole, _, fraction = text.partition(".")
    if len(fraction) != DECIMALS[asset]:
        raise ValueError(f"{text} {asset}: {DECIMALS[asset]} decimals are needed")
    return int(whole + fraction)


def to_text(minor, asset):
    scale = 10 ** DECIMALS[asset]
    return f"{minor // scale}.{minor % scale:0{DECIMALS[asset]}d}"


def mod97(text):
    return int("".join(str(int(letter, 36)) for letter in text)) % 97


def local_name(element):
    return element.tag.rpartition("}")[2]


def find(element, *path):
    """The first descendant along these local names."""
    for name in path:
        element = next(child for child in element if local_name(child) == name)
    return element


class Day:
    def __init__(self, root):
        self.folder = pathlib.Path(root) / "deploy" / "demo"
        self.complaints = []
        self.participants = self.read_participants()
        self.messages = {f"messages/{file.name}": file.read_text(encoding="utf-8")
                         for file in sorted((self.folder / "messages").glob("*.xml"))}
        self.holdings, self.issued, self.settled = {}, {}, {}

    def complain(self, where, what):
        self.complaints.append(f"{where}: {what}")

    def read_participants(self):
        rows = [line.split("|") for line in self.lines("participants.txt")]
        rows = [[part.strip() for part in row] for row in rows]
        return {(row[0], row[1]): row[2:] for row in rows}

    def lines(self, name):
        text = (self.folder / name).read_text(encoding="utf-8")
        return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    # Identifiers and schemas.

    def check_participants(self):
        for (_, bic), (lei, english, chinese) in self.participants.items():
            if not BIC.fullmatch(bic):
                self.complain("participants.txt", f"{bic} is no BIC")
            if not re.fullmatch(r"[A-Z0-9]{18}\d\d", lei) or mod97(lei) != 1:
                self.complain("participants.txt", f"{lei} is no LEI")
            if not english.isascii() or not re.search(r"[\u4e00-\u9fff]", chinese):
                self.complain("participants.txt", f"{bic} lacks a name in one of the languages")
        for node in {node for node, _ in self.participants}:
            if sum(1 for at, _ in self.participants if at == node) < 3:
                self.complain("participants.txt", f"{node} has fewer than three participants")

    def check_message(self, name, text):
        for content in PLACEHOLDER.findall(text):
            account = ACCOUNT.fullmatch(content)
            if content != "DATE" and not (account and account.group(3) in DECIMALS and
                                          account.group(1, 2) in self.participants):
                self.complain(name, f"${{{content}}} is neither a date nor a participant's account")
        for element in ElementTree.fromstring(text).iter():
            kind, value = local_name(element), (element.text or "").strip()
            if kind == "BICFI" and value not in {bic for _, bic in self.participants}:
                self.complain(name, f"{value} is nobody in participants.txt")
            if kind == "LEI" and mod97(value) != 1:
                self.complain(name, f"the check digits of LEI {value} are wrong")
            if kind in ("UETR", "OrgnlUETR") and not UETR.fullmatch(value):
                self.complain(name, f"{value} is no UETR")

    def check_uetrs_differ(self):
        found = re.findall(r"<UETR>(.*?)</UETR>", "".join(self.messages.values()))
        if len(found) != len(set(found)):
            self.complain("messages", "two payments have the same UETR")

    def check_schemas(self, schemas):
        for name, text in self.messages.items():
            filled = re.sub(r"\$\{ACCOUNT[^}]*\}", "2000000000172",
                            text.replace("${DATE}", "2025-06-26"))
            for element in ElementTree.fromstring(filled).iter():
                message = NAMESPACE.match(element.tag)
                if message and local_name(element) in ("Document", "AppHdr"):
                    result = subprocess.run(
                        ["xmllint", "--nonet", "--noout", "--schema",
                         str(schemas / f"{message.group(1)}.xsd"), "-"],
                        input=ElementTree.tostring(element), capture_output=True, check=False)
                    if result.returncode != 0:
                        self.complain(name, result.stderr.decode().strip())

    # The sums of the day.

    def move(self, giver, taker, minor, asset):
        self.holdings[giver, asset] = self.holdings.get((giver, asset), 0) - minor
        self.holdings[taker, asset] = self.holdings.get((taker, asset), 0) + minor

    def can_pay(self, giver, minor, asset):
        return self.holdings.get((giver, asset), 0) >= minor

    def payments(self, name):
        """(uetr, giver, taker, minor, asset) of each; the taker is None where it is nobody."""
        for element in ElementTree.fromstring(self.messages[name]).iter():
            if local_name(element) == "CdtTrfTxInf":
                amount = find(element, "IntrBkSttlmAmt")
                asset = ASSET_OF[amount.get("Ccy")]
                accounts = [ACCOUNT.search(find(element, side, "Id", "Othr", "Id").text)
                            for side in ("DbtrAcct", "CdtrAcct")]
                giver, taker = (":".join(a.group(1, 2)) if a else None for a in accounts)
                if any(a and a.group(3) != asset for a in accounts):
                    self.complain(name, f"an account of another asset than {asset}")
                yield (find(element, "PmtId", "UETR").text, giver, taker,
                       to_minor(amount.text, asset), asset)
            elif local_name(element) == "TxInf" and "pacs.004" in element.tag:
                uetr = find(element, "OrgnlUETR").text
                if uetr not in self.settled:
                    self.complain(name, "returns a payment that was not made")
                    continue
                giver, taker, minor, asset = self.settled[uetr]
                if to_minor(find(element, "RtrdIntrBkSttlmAmt").text, asset) != minor:
                    self.complain(name, "returns another amount than was paid")
                yield "return of " + uetr, taker, giver, minor, asset

    def submit(self, who, name):
        if "camt.056" in self.messages[name]:
            uetr = re.search(r"<OrgnlUETR>(.*?)<", self.messages[name]).group(1)
            return "refused" if uetr in self.settled else "settled"
        outcome = "settled"
        for uetr, giver, taker, minor, asset in self.payments(name):
            if uetr in self.settled:
                outcome = "repeated"
            elif giver != who:
                outcome = f"debits {giver}"
            elif taker is None or not self.can_pay(giver, minor, asset):
                outcome = "refused"
            else:
                self.move(giver, taker, minor, asset)
                self.settled[uetr] = (giver, taker, minor, asset)
        return outcome

    def play(self, verb, words):
        if verb == "fund":
            who, amount, asset = words
            minor = to_minor(amount, asset)
            self.holdings[who, asset] = self.holdings.get((who, asset), 0) + minor
            self.issued[asset] = self.issued.get(asset, 0) + minor
            return "settled"
        if verb == "submit":
            return self.submit(*words)
        if verb in ("pvp", "dvp"):
            one, gives, given, other, gets, got = words
            legs = [(one, other, to_minor(gives, given), given),
                    (other, one, to_minor(gets, got), got)]
            if not all(self.can_pay(giver, minor, asset) for giver, _, minor, asset in legs):
                return "refused"
            for leg in legs:
                self.move(*leg)
            return "settled"
        return {"reconcile": "agreed", "audit": "verified"}[verb]

    def check_steps(self):
        known = {f"{node}:{bic}" for node, bic in self.participants}
        used = set()
        for line in self.lines("day.txt"):
            step, _, outcome = line.partition("=>")
            verb, *words = step.split()
            for word in words:
                if ":" in word and word not in known:
                    self.complain("day.txt", f"{word} is nobody in participants.txt")
            used |= {word for word in words if word.startswith("messages/")}
            played = self.play(verb, words)
            if played != outcome.strip():
                self.complain("day.txt", f"'{line}' comes out as {played}")
        for name in sorted(set(self.messages) ^ used):
            self.complain("day.txt", f"{name}: not there, or not played")
        for asset, issued in self.issued.items():
            if sum(minor for (_, of), minor in self.holdings.items() if of == asset) != issued:
                self.complain("day.txt", f"{asset}: what is held is not what was issued")

    def closing(self):
        rows = [f"{who:<21} {to_text(minor, asset):>14} {asset}"
                for (who, asset), minor in sorted(self.holdings.items())]
        return ("# What each account holds when the day of day.txt is over.\n"
                "# Made by tests/lint/check_day.py --write-closing, not by the ledger.\n"
                "#\n" + "\n".join(rows) + "\n")

    def check_closing(self):
        if (self.folder / "closing.txt").read_text(encoding="utf-8") != self.closing():
            self.complain("closing.txt", "is not what the day comes to:\n" + self.closing())


def complaints(root, schemas=None, write_closing=False):
    day = Day(root)
    day.check_participants()
    for name, text in day.messages.items():
        day.check_message(name, text)
    day.check_uetrs_differ()
    day.check_steps()
    if write_closing:
        (day.folder / "closing.txt").write_text(day.closing(), encoding="utf-8")
    day.check_closing()
    if schemas:
        day.check_schemas(schemas)
    return day.complaints


def main():
    root = pathlib.Path(sys.argv[1])
    shared = pathlib.Path(os.environ.get("HUGANG_SHARED", root.resolve().parent / "shared"))
    schemas = shared / "conformance" / "iso20022" / "xsd"
    if not schemas.is_dir():
        print("the ISO 20022 schemas are not there: messages are not validated")
        schemas = None
    found = complaints(root, schemas, "--write-closing" in sys.argv)
    print("\n".join(found) if found else "the messages and the sums of the day are right")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
