"""The laws of a campaign, judged offline from ledgers and from what clients wrote down.

Each law is a function that yields sentences about what breaks it. `at_rest` says that faults were
over and everything had time to end: then nothing may be open, and the books must agree to the unit.

The clients' record is a list of objects as `record.py` writes them:
    sent      {"sent": id, "node", "content"}: before a command leaves a client
    answer    {"answer": id, "node", "code", "value", "at", "entry", "repeated", "content"}
    told      {"told": settlement id, "node", "status", "code"}: a final status that a client read
"""

import collections

import books as bookkeeping
import journal
from journal import SETTLED

ID_USED_FOR_OTHER_CONTENT = 2
# Refusals that belong to the use of the id and are not remembered under it.
OF_THE_ID = (1, ID_USED_FOR_OTHER_CONTENT, 4, 5)
CUSTOMERS_KINDS = ("transfer", "instruct", "affirm", "recall", "open_account")


class Evidence:
    """Ledgers by node number, and the clients' record."""

    def __init__(self, ledgers, record, at_rest, told_accounts=None):
        self.books = {node: bookkeeping.Books(entries) for node, entries in ledgers.items()}
        self.record = record
        self.at_rest = at_rest
        self.told_accounts = told_accounts or {}  # node -> accounts as the node told them
        self.by_id = {node: collections.defaultdict(list) for node in ledgers}
        for node, entries in ledgers.items():
            for entry in entries:
                for command in entry.commands:
                    if command.id:
                        self.by_id[node][command.id].append((entry.seqno, command))

    def both(self):
        return self.books.values()

    def answers(self):
        return (line for line in self.record if "answer" in line)


def complaints_of(evidence, law):
    for book in evidence.both():
        yield from (sentence for name, sentence in book.complaints if name == law)


def journal_in_order(evidence):
    """Entries are numbered without a gap, chained, and their times only grow."""
    yield from complaints_of(evidence, "journal")


def acknowledged_is_there(evidence):
    """Every answer that a client got stands in the ledger, in the entry and with the code, value
    and time that the client was told."""
    for line in evidence.answers():
        own = evidence.by_id[line["node"]].get(line["answer"], ())
        found = [command for seqno, command in own if seqno == line["entry"]]
        told = (line["code"], line["value"], line["at"], line["repeated"])
        if not any((command.code, command.value, command.decided_at, command.is_repeated) == told
                   and command.content() in (None, line["content"]) for command in found):
            has = [(seqno, command.code, command.value, command.decided_at, command.is_repeated)
                   for seqno, command in own]
            yield (f"node {line['node']}: {line['answer']} was answered {told} in entry "
                   f"{line['entry']}; the ledger has {has or 'nothing under this id'}")


def decided_once(evidence):
    """An id is decided once: whatever else came under it repeats that or is refused for it."""
    yield from complaints_of(evidence, "once")
    for node, by_id in evidence.by_id.items():
        for own, found in by_id.items():
            first = [seqno for seqno, command in found
                     if not command.is_repeated and command.code not in OF_THE_ID]
            if len(first) > 1:
                yield f"node {node}: {own} is decided in each of the entries {first}"


def answers_are_stable(evidence):
    """The same command gets the same code, value and time whenever it is asked, refused or not;
    other content under its id is refused for that."""
    for node, by_id in evidence.by_id.items():
        for own, found in by_id.items():
            if len(found) < 2 or found[0][1].code in OF_THE_ID:
                continue
            first = found[0][1]
            for seqno, command in found[1:]:
                is_same = (command.kind, command.caller, command.record) == (
                    first.kind, first.caller, first.record)
                if is_same and not (command.is_repeated and
                                    (command.code, command.value, command.decided_at) ==
                                    (first.code, first.value, first.decided_at)):
                    yield (f"node {node}: entry {seqno} answers {own} with code {command.code} "
                           f"value {command.value}, at first it was {first.code} {first.value}")
                if not is_same and command.code not in OF_THE_ID:
                    yield f"node {node}: entry {seqno} accepts other content under {own}"


def nothing_from_nowhere(evidence):
    """Every customer's command in a ledger was sent by a client with that content."""
    sent = collections.defaultdict(list)
    for line in evidence.record:
        if "sent" in line:
            sent[line["node"], line["sent"]].append(line["content"])
    for node, by_id in evidence.by_id.items():
        for own, found in by_id.items():
            for seqno, command in found:
                if command.caller == 0 or command.kind not in CUSTOMERS_KINDS:
                    continue
                if command.content() not in sent.get((node, own), ()):
                    yield (f"node {node}: entry {seqno} has {command.kind} {own} as "
                           f"{command.content()}, which no client sent")


def decisions_agree(evidence):
    """What the responder decided is what the initiator carried out, once, and not before."""
    yield from complaints_of(evidence, "decision")
    for book in evidence.both():
        for own in book.settlements.values():
            if not own.is_initiator:
                if own.changes > 1:
                    yield f"node {book.node}: {own.id} was decided {own.changes} times"
                continue
            peer = evidence.books[own.peer].settlements.get(own.id)
            is_final = own.status in bookkeeping.FINAL
            if peer is None or peer.is_initiator:
                # Its id was in use over there: refused without a record.
                if is_final and own.code != ID_USED_FOR_OTHER_CONTENT:
                    yield f"{own.id} is final at node {book.node}, node {own.peer} has no trace"
            elif is_final and (own.status, own.code) != (peer.status, peer.code):
                yield (f"{own.id}: node {book.node} says {own.status} code {own.code}, node "
                       f"{own.peer} says {peer.status} code {peer.code}")


def told_stays_true(evidence):
    """A final status that a client read is what the ledgers say."""
    for line in evidence.record:
        if "told" not in line:
            continue
        found = evidence.books[line["node"]].settlements.get(line["told"])
        has = (found.status, found.code) if found else None
        if has != (line["status"], line["code"]):
            yield (f"node {line['node']} told {line['told']} as {line['status']} code "
                   f"{line['code']}; its ledger says {has}")


def messages_arrive_whole(evidence):
    """What one node applied is, byte for byte and without a gap, what the other queued."""
    yield from complaints_of(evidence, "channel")
    for book in evidence.both():
        for peer, applied in book.applied.items():
            queued = evidence.books[peer].sent[book.node].messages
            if applied.messages != queued[:len(applied.messages)]:
                yield f"node {book.node} applied messages that node {peer} never queued so"
            elif evidence.at_rest and len(applied.messages) != len(queued):
                yield (f"node {book.node} applied {len(applied.messages)} messages of the "
                       f"{len(queued)} that node {peer} queued")


def nobody_is_halted(evidence):
    """Honest nodes never find each other lying."""
    yield from complaints_of(evidence, "halted")


def under_way(evidence):
    """(node, peer, asset) -> what the initiator's corridor account still lacks: settlements that
    the responder settled and the initiator has not heard of."""
    missing = collections.Counter()
    for book in evidence.both():
        for own in book.settlements.values():
            if not own.is_initiator or own.status in bookkeeping.FINAL:
                continue
            peer = evidence.books[own.peer].settlements.get(own.id)
            if peer is None or peer.is_initiator or peer.status != SETTLED:
                continue
            for debit, credit, amount in own.legs:
                for number, sign in ((debit, -1), (credit, 1)):
                    account = book.accounts.get(number)
                    if account and account.kind == journal.CORRIDOR:
                        missing[book.node, own.peer, account.asset] += sign * amount
    return missing


def mirrors_agree(evidence):
    """Corridor accounts are each other's negative, up to exactly the decisions under way."""
    missing = under_way(evidence)
    for book in evidence.both():
        for (peer, asset), number in book.corridors.items():
            other = evidence.books.get(peer)
            if other is None or peer < book.node:
                continue
            if (book.node, asset) not in other.corridors:
                yield f"asset {asset}: node {peer} has no account for node {book.node}"
                continue
            own = book.accounts[number].balance + missing[book.node, peer, asset]
            theirs = (other.accounts[other.corridors[book.node, asset]].balance +
                      missing[peer, book.node, asset])
            if own != -theirs:
                yield f"asset {asset}: node {book.node} has {own}, node {peer} has {theirs}"


def money_is_conserved(evidence):
    """Per asset debits are credits on each ledger; what an issuer gave out is what customers have
    on all ledgers together; no account passes its bound."""
    yield from complaints_of(evidence, "conservation")
    held, issued = collections.Counter(), collections.Counter()
    missing = under_way(evidence)
    for book in evidence.both():
        sums, pending = collections.Counter(), collections.Counter()
        for account in book.accounts.values():
            sums[account.asset] += account.balance
            pending[account.asset] += account.credits_pending - account.debits_pending
            if account.kind == journal.CUSTOMER:
                held[account.asset] += account.balance
            elif account.kind == journal.RESERVE:
                issued[account.asset] -= account.balance
        for what, totals in (("posted", sums), ("on hold", pending)):
            for asset, total in totals.items():
                if total:
                    yield f"node {book.node}, asset {asset}: {what} credits less debits: {total}"
    for (_, _, asset), amount in missing.items():
        held[asset] -= amount  # what the corridor gains by them, a customer loses
    for asset in held | issued:
        if held[asset] != issued[asset]:
            yield f"asset {asset}: {issued[asset]} issued, customers have {held[asset]}"


def holds_end(evidence):
    """A hold ends once, as its decision says, and at rest nothing is held."""
    yield from complaints_of(evidence, "hold")
    if not evidence.at_rest:
        return
    for book in evidence.both():
        for own in book.holds:
            yield f"node {book.node}: hold {own} has outlived everything"
        for account in book.accounts.values():
            if account.debits_pending or account.credits_pending:
                yield (f"node {book.node}: account {account.number} has "
                       f"{account.debits_pending} / {account.credits_pending} on hold")


def settlements_end(evidence):
    """At rest no settlement is open."""
    for book in evidence.both() if evidence.at_rest else ():
        for own in book.settlements.values():
            if own.status not in bookkeeping.FINAL:
                yield f"node {book.node}: settlement {own.id} is left open"


def nodes_tell_their_books(evidence):
    """The balances that a node told at the end are those of its ledger."""
    for node, accounts in evidence.told_accounts.items():
        book = evidence.books[node]
        if set(accounts) != set(book.accounts):
            yield f"node {node} told of {len(accounts)} accounts, {len(book.accounts)} were opened"
        for number, told in accounts.items():
            own = book.accounts.get(number)
            has = own and (own.debits, own.credits, own.debits_pending, own.credits_pending)
            if tuple(told) != has:
                yield f"node {node}: account {number} was told as {tuple(told)}, it is {has}"


LAWS = (journal_in_order, acknowledged_is_there, decided_once, answers_are_stable,
        nothing_from_nowhere, decisions_agree, told_stays_true, messages_arrive_whole,
        nobody_is_halted, mirrors_agree, money_is_conserved, holds_end, settlements_end,
        nodes_tell_their_books)


def judge(evidence):
    """(law, sentence) for everything that is broken; empty when all is well."""
    return [(law.__name__, sentence) for law in LAWS for sentence in law(evidence)]
