#!/usr/bin/env python3
"""Plays the day of day.txt on two real nodes and explains it. deploy/demo.sh calls this."""

import argparse
import re
import sys
import time
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import day_plan
import story
from demo_nodes import NODES, Demo, DemoError

NAMES = {"shanghai": "Shanghai", "hongkong": "Hong Kong"}


class Day:
    """One run of the day. Account numbers are the ledgers' to give: they are learnt on the way."""

    def __init__(self, demo):
        self.demo = demo
        self.accounts = {}  # (node, bic, asset) -> number
        self.people = {p.bic: p for p in day_plan.participants()}
        self.date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        self.failures = []
        self.settlement_ms = []

    def play(self):
        self._open_accounts()
        steps = day_plan.steps()
        funding = [step for step in steps if step.verb == "fund"]
        self._fund(funding)
        self._show_balances("Balances before the day")
        story.heading("The day")
        for step in steps:
            if step.verb in ("submit", "pvp", "dvp"):
                self._tell(step)
                getattr(self, "_" + step.verb)(step)
        self._show_balances("Balances after the day", day_plan.closing())
        self._show_positions()
        for step in steps:
            if step.verb == "reconcile":
                self._reconcile(*step.who)

    # ---- before the day ----------------------------------------------------------------------

    def _open_accounts(self):
        story.heading("Two nodes, two ledgers")
        for node in NODES:
            _, status = self.demo.hugang(node, "admin", "status")
            key = status["own_keys"][0]
            peer = status["peers"][0]
            print(
                f"  {story.pad(status['name'], 18)} node {status['node']}, "
                f"signs with {key['suite']} "
                f"(key {key['key_id']}), channel to {peer['code']}: "
                f"{'connected' if peer['connected'] else 'connecting'}"
            )
        for person in self.people.values():
            self.demo.hugang(
                person.node,
                "admin",
                "participant",
                "add",
                "--code",
                person.bic,
                "--bic",
                person.bic,
                "--lei",
                person.lei,
                "--name",
                person.name,
                "--local-name",
                person.local_name,
            )
        for node, bic, asset in day_plan.accounts_needed():
            _, opened = self.demo.hugang(
                bic, "accounts", "open", "--asset", asset, "--alias", f"{bic[2:4]} {asset}"
            )
            self.accounts[node, bic, asset] = opened["account"]
        rows = [["participant", "", "node", "accounts"]]
        for person in self.people.values():
            owned = [
                f"{asset} {number}"
                for (_, bic, asset), number in self.accounts.items()
                if bic == person.bic
            ]
            rows.append(
                [
                    f"{person.name} {person.local_name}",
                    person.bic,
                    NAMES[person.node],
                    ", ".join(owned),
                ]
            )
        story.table(rows)

    def _fund(self, steps):
        story.heading("Each operator issues its own money; gold is booked in")
        for step in steps:
            (node, bic), money = step.who[0], step.what[0]
            self.demo.hugang(
                node,
                "admin",
                "issue",
                "--asset",
                money.asset,
                "--amount",
                str(money.amount),
                "--to",
                self.accounts[node, bic, money.asset],
            )
            print(
                f"  {story.pad(NAMES[node], 9)}  issues {str(money):>22}"
                f"  to {self.people[bic].name}"
            )

    # ---- steps -------------------------------------------------------------------------------

    def _tell(self, step):
        print()
        if step.comment:
            print("  " + story.bold(step.comment))

    def _submit(self, step):
        node, bic = step.who[0]
        file = self._filled_in(step.what[0])
        answer = file.with_suffix(".answer.xml")
        code, document = self.demo.hugang(
            bic, "submit", str(file), "--answer", str(answer), may_fail=True
        )
        transactions = document.get("transactions", [])
        outcome = "settled" if code == 0 else "refused"
        if step.outcome == "repeated" and code == 0:
            outcome = self._outcome_of_repeat(bic, transactions)
        reply = self._answer_name(answer)
        print(
            f"    {bic} hands in {document.get('message', '?')}, gets a {reply}: "
            f"{self._judge(step, outcome, document)}"
        )
        for transaction in transactions:
            settlement_id = transaction.get("settlement_id", transaction["id"])
            self._show_path(node, bic, settlement_id)

    def _outcome_of_repeat(self, bic, transactions):
        """The ledger moved nothing twice when the settlement is the one of the first time."""
        for transaction in transactions:
            _, document = self.demo.hugang(bic, "status", transaction["id"])
            posted = [s for s in document["settlement"]["steps"] if s["step"] == "posted"]
            if len(posted) != 1 or story.nanoseconds(posted[0]["at"]) > self.settled_before_ns:
                return "settled again"
        return "repeated"

    def _pvp(self, step):
        self._exchange(step, "pvp")

    def _dvp(self, step):
        self._exchange(step, "dvp")

    def _exchange(self, step, verb):
        (node, bic), (other_node, other) = step.who
        give, get = step.what
        _, sent = self.demo.hugang(
            bic,
            verb,
            "--give",
            f"{give.asset} {give.amount}",
            "--from",
            self.accounts[node, bic, give.asset],
            "--to",
            self.accounts[other_node, other, give.asset],
            "--get",
            f"{get.asset} {get.amount}",
            "--into",
            self.accounts[node, bic, get.asset],
            "--from-theirs",
            self.accounts[other_node, other, get.asset],
            "--no-wait",
        )
        print(f"    {bic} offers {give} for {get}; {other} affirms")
        self._await_pending(other, sent["id"])
        self.demo.hugang(other, "affirm", sent["id"])
        _, document = self.demo.hugang(bic, "status", sent["id"], "--wait", may_fail=True)
        outcome = document["settlement"]["status"]
        print(f"    {self._judge(step, outcome, document['settlement'])}")
        self._show_path(node, bic, sent["id"])

    def _await_pending(self, profile, settlement_id):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            code, _ = self.demo.hugang(profile, "status", settlement_id, may_fail=True)
            if code == 0:
                return
            time.sleep(0.02)  # between two looks at the condition
        raise DemoError(f"{profile} has not received settlement {settlement_id} after 30 s")

    def _filled_in(self, message):
        """The message with the ledgers' account numbers and today's date, in the demo's folder."""
        text = message.read_text(encoding="utf-8").replace("${DATE}", self.date)
        text = re.sub(
            r"\$\{ACCOUNT:([^:}]+):([^:}]+):([^}]+)\}",
            lambda place: self.accounts[place[1], place[2], place[3]],
            text,
        )
        folder = self.demo.folder / "messages"
        folder.mkdir(exist_ok=True)
        file = folder / message.name
        file.write_text(text, encoding="utf-8")
        return file

    @staticmethod
    def _answer_name(file):
        """pacs.002 or camt.029, from the answer's namespace."""
        found = re.search(
            r"urn:iso:std:iso:20022:tech:xsd:([a-z]+\.\d+)", file.read_text(encoding="utf-8")
        )
        return found[1] if found else "no answer"

    def _judge(self, step, outcome, document):
        code = document.get("code_name") or document.get("error", {}).get("code", "")
        for transaction in document.get("transactions", []):
            code = transaction.get("code_name") or code
        words = {
            "settled": "settled on both ledgers",
            "refused": "refused, nothing moved",
            "repeated": "answered as the first time, paid once",
        }.get(outcome, outcome)
        if outcome == step.outcome:
            self.settled_before_ns = time.time_ns()
            reason = f" ({code})" if code not in ("", "OK") else ""
            return (story.good if outcome != "refused" else story.bold)(words) + reason
        self.failures.append(
            f"{step.comment or step.verb}: expected {step.outcome}, got {outcome} {code}"
        )
        return story.bad(f"{words} {code}: the plan says {step.outcome}")

    # ---- pictures ----------------------------------------------------------------------------

    def _show_path(self, node, bic, settlement_id):
        code, document = self.demo.hugang(bic, "status", settlement_id, may_fail=True)
        if code == 3 or "settlement" not in document:
            return  # a payment inside one ledger has no second side
        near = document["settlement"]
        other = "hongkong" if node == "shanghai" else "shanghai"
        _, theirs = self.demo.hugang(other, "status", settlement_id, may_fail=True)
        far = theirs.get("settlement")
        story.path(near, NAMES[node], far, NAMES[other])
        posted = [s for s in near["steps"] if s["step"] == "posted"]
        if posted and near["kind"] == "payment":
            taken = story.nanoseconds(posted[0]["at"]) - story.nanoseconds(near["steps"][0]["at"])
            self.settlement_ms.append(taken / 1e6)

    def _balance(self, node, bic, asset):
        _, document = self.demo.hugang(bic, "balances")
        for account in document["accounts"]:
            if account["number"] == self.accounts[node, bic, asset]:
                return Decimal(account["balance"])
        raise DemoError(f"{bic} has no {asset} account at {node}")

    def _show_balances(self, title, expected=None):
        story.heading(title)
        assets = ["CNY.D", "HKD", "XAU.G"]
        rows = [["", "", *assets]]
        for person in self.people.values():
            cells = []
            for asset in assets:
                key = (person.node, person.bic, asset)
                if key not in self.accounts:
                    cells.append("")
                    continue
                balance = self._balance(*key)
                cells.append(f"{balance:,}")
                if expected is not None and expected.get(key, Decimal(0)) != balance:
                    self.failures.append(
                        f"{person.bic} holds {balance} {asset}, not {expected.get(key, 0)}"
                    )
            rows.append([NAMES[person.node], person.name, *cells])
        story.table(rows, right=(2, 3, 4))
        if expected is not None and not self.failures:
            print(
                story.good(
                    "  Every balance is what a calculation apart from the ledgers says "
                    "(deploy/demo/closing.txt)."
                )
            )

    def _show_positions(self):
        story.heading("What the two nodes owe each other, by each one's own ledger")
        rows = [["", "Shanghai's ledger", "Hong Kong's ledger", "difference"]]
        nets = {}
        for node in NODES:
            _, document = self.demo.hugang(node, "positions")
            for position in document["positions"]:
                nets.setdefault(position["asset"], {})[node] = Decimal(position["net"])
        for asset, net in nets.items():
            difference = net["shanghai"] + net["hongkong"]
            rows.append([asset, f"{net['shanghai']:,}", f"{net['hongkong']:,}", f"{difference:,}"])
            if difference != 0:
                self.failures.append(f"the mirror accounts in {asset} differ by {difference}")
        story.table(rows, right=(1, 2, 3))
        print(
            story.dim(
                "  Above zero the node owes the other; the two sides must cancel out to the fen."
            )
        )

    def _reconcile(self, near, far):
        story.heading("End of day: both nodes sign one reconciliation")
        code, document = self.demo.hugang(near, "reconcile", far, may_fail=True)
        rows = [["", "own", "peer's", "in flight"]]
        for line in document.get("lines", []):
            rows.append(
                [
                    line["asset"],
                    *(f"{Decimal(line[key]):,}" for key in ("own", "peer", "in_flight")),
                ]
            )
        story.table(rows, right=(1, 2, 3))
        if code == 0 and document.get("status") == "agreed":
            print(
                story.good(
                    f"  Agreed for {document['business_date']}; settlements in flight: "
                    f"{len(document['in_flight'])}"
                )
            )
        else:
            self.failures.append(f"the reconciliation ended {document.get('status', document)}")


def audit(demo):
    """Verifies both closed ledgers with no node running; gives the failures."""
    story.heading("The audit: both ledgers, offline, replayed from the first entry")
    failures = []
    for node in NODES:
        code, document = demo.audit("verify", str(demo.folder / f"{node}.ledger"))
        if code != 0:
            failures.append(f"hugang-audit finds the {node} ledger wrong: {document}")
            print(f"  {story.pad(NAMES[node], 9)}  {story.bad('NOT VERIFIED')}  {document}")
            continue
        print(f"  {story.pad(NAMES[node], 9)}  {story.good('verified')}  {audit_words(document)}")
    return failures


def audit_words(document):
    return (
        f"{document['last_entry']} entries, {document['commands']} commands, "
        f"the same outcomes again; {document['signatures_good']} signatures of the peer, "
        f"{document['laws_checked']} law checks, "
        f"{len(document['checkpoints'])} checkpoint; state {document['state_digest'][:16]}…"
    )


def next_commands(demo):
    folder, binaries = demo.folder, demo.binaries
    bank = day_plan.participants()[0].bic
    story.heading("The nodes are running. Five things to try next")
    print(f"  export PATH={binaries}:$PATH HUGANG_CONFIG={folder}/profiles.toml")
    print(f"  hugang balances --profile {bank}")
    print(f"  hugang settlements --profile {bank}")
    print(f"  hugang positions --profile shanghai --other hongkong")
    print(f"  hugang admin status --profile hongkong")
    print(f"  hugang-audit verify {folder}/shanghai.ledger")
    print(story.dim("  Stop them with: deploy/demo.sh --stop"))


def play(demo, keep):
    demo.prepare()
    demo.start_nodes()
    started = time.monotonic()
    day = Day(demo)
    day.play()
    if keep:
        next_commands(demo)
        failures = day.failures
    else:
        demo.stop_nodes()
        failures = day.failures + audit(demo)
    story.heading("In one line")
    for failure in failures:
        print("  " + story.bad(failure))
    median = sorted(day.settlement_ms)[len(day.settlement_ms) // 2] if day.settlement_ms else 0
    print(
        f"  {'Something is wrong, see above' if failures else 'Everything came out as planned'}: "
        f"{demo.commands_run} commands in {time.monotonic() - started:.1f} s;\n  "
        f"a cross-border payment took {median:.2f} ms from hold to final "
        f"(median of {len(day.settlement_ms)}), both ledgers durable."
    )
    print(story.dim(f"  Ledgers, logs, messages and answers are in {demo.folder}"))
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--binaries", required=True, help="folder with hugangd, hugang and hugang-audit"
    )
    parser.add_argument(
        "--folder", default="build/demo", help="where ledgers and logs go; emptied first"
    )
    parser.add_argument("--keep", action="store_true", help="leave the nodes running")
    parser.add_argument("--stop", action="store_true", help="stop nodes that were kept")
    parser.add_argument("--verbose", action="store_true", help="show every command")
    options = parser.parse_args()
    demo = Demo(Path(options.folder).resolve(), options.binaries, options.verbose)
    try:
        if options.stop:
            demo.stop_nodes()
            return 0
        return play(demo, options.keep)
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr)
        demo.stop_nodes()
        return 1
    except KeyboardInterrupt:
        demo.stop_nodes()
        return 130


if __name__ == "__main__":
    sys.exit(main())
