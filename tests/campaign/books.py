"""One ledger added up from its entries, by arithmetic of this file alone.

What a command did is taken from its outcome, what a settlement did from its event and the legs of
its instruction: no rule about money is applied here, only sums are made. What does not add up is
noted in `complaints` as (law, sentence)."""

import collections
import dataclasses
import hashlib

import journal

FINAL = (journal.SETTLED, journal.REFUSED)


@dataclasses.dataclass
class Account:
    number: int
    asset: int
    kind: int
    peer: int
    flags: int
    debits: int = 0
    credits: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    @property
    def balance(self):
        return self.credits - self.debits


@dataclasses.dataclass
class Hold:
    debit: int
    credit: int
    amount: int
    expires: int


@dataclasses.dataclass
class Settlement:
    id: str
    peer: int
    is_initiator: bool
    legs: tuple
    decide_by: int
    status: int = 0
    code: int = 0
    seqno: int = 0  # the entry of its last change
    changes: int = 0  # how often it became final


class Channel:
    """One direction: messages by number, whole, with the chain as this ledger has it."""

    def __init__(self):
        self.messages = []
        self.chain = bytes(32)

    def extend(self, message):
        self.chain = hashlib.sha256(b"\x02" + self.chain + message).digest()
        self.messages.append(message)


class Books:
    def __init__(self, entries):
        self.entries = entries
        self.node = entries[0].node if entries else 0
        self.issuers = {}  # asset -> node
        self.accounts = {}
        self.corridors = {}  # (peer, asset) -> account
        self.holds = {}
        self.hold_ends = {}  # id -> how
        self.settlements = {}
        self.sent = collections.defaultdict(Channel)
        self.applied = collections.defaultdict(Channel)
        self.complaints = []
        self.last_at = 0
        self.touched = []
        for index, entry in enumerate(entries):
            self.check_place(entry, index)
            self.take(entry, f"entry {entry.seqno}")

    def complain(self, law, sentence):
        self.complaints.append((law, f"node {self.node}: {sentence}"))

    # ---- Entries in their order ----

    def take(self, entry, place):
        for command in entry.commands:
            if command.kind == "peer_envelope":
                self.take_envelope(command, place)
            elif not command.is_repeated and command.code == 0:
                self.take_command(command, place)
        for event in entry.events:
            self.take_event(event, entry, place)
        self.check_bounds(place)

    def check_place(self, entry, index):
        place = f"entry {entry.seqno}"
        before = self.entries[index - 1].checksum if index else bytes(16)
        if entry.seqno != index + 1:
            self.complain("journal", f"{place} does not stand at its number")
        if entry.previous != before:
            self.complain("journal", f"{place} does not follow the entry before it")
        if entry.node != self.node:
            self.complain("journal", f"{place} is of node {entry.node}")
        if entry.commands and entry.at <= self.last_at:
            self.complain("journal", f"{place}: its time is not after the time before it")
        self.last_at = max(self.last_at, entry.at + max(0, len(entry.commands) - 1))

    def check_bounds(self, place):
        for account in self.touched:
            if account.flags & journal.NO_DEBIT_BALANCE and (
                    account.debits + account.debits_pending > account.credits):
                self.complain("conservation", f"{place}: account {account.number} below zero")
            if account.flags & journal.NO_CREDIT_BALANCE and (
                    account.credits + account.credits_pending > account.debits):
                self.complain("conservation", f"{place}: account {account.number} above zero")
        self.touched.clear()

    # ---- Commands that were accepted ----

    def take_command(self, command, place):
        if command.kind == "register_asset":
            _, asset, issuer = journal.REGISTER_ASSET.unpack_from(command.record)
            self.issuers[asset] = issuer
        elif command.kind == "open_account":
            self.open_account(command, place)
        elif command.kind == "transfer":
            self.transfer(command, place)
        elif command.kind == "instruct":
            read = journal.instruction(command.record)
            self.open_settlement(read, True, place)

    def open_account(self, command, place):
        _, _, asset, flags, kind, _, peer, _, _ = journal.OPEN_ACCOUNT.unpack(command.record)
        if command.value in self.accounts:
            self.complain("once", f"{place}: account {command.value} is opened twice")
        if kind == journal.RESERVE:
            flags = journal.NO_CREDIT_BALANCE
        elif kind == journal.CORRIDOR:  # a liability at the issuer, a claim elsewhere
            is_issuer = self.issuers.get(asset) == self.node
            flags = journal.NO_DEBIT_BALANCE if is_issuer else journal.NO_CREDIT_BALANCE
        account = Account(command.value, asset, kind, peer, flags)
        self.accounts[command.value] = account
        if kind == journal.CORRIDOR:
            self.corridors[peer, asset] = command.value

    def account(self, number, place):
        if number not in self.accounts:
            self.complain("journal", f"{place}: account {number} was never opened")
            self.accounts[number] = Account(number, 0, journal.CUSTOMER, 0, 0)
        self.touched.append(self.accounts[number])
        return self.accounts[number]

    def pend(self, debit, credit, amount, place):
        self.account(debit, place).debits_pending += amount
        self.account(credit, place).credits_pending += amount

    def post(self, debit, credit, amount, place):
        self.account(debit, place).debits += amount
        self.account(credit, place).credits += amount

    def transfer(self, command, place):
        _, pending, _, debit, credit, _, expires, _, _, _, flags = journal.TRANSFER.unpack(
            command.record)
        if flags & journal.HOLD:
            self.holds[command.id] = Hold(debit, credit, command.value, expires)
            self.pend(debit, credit, command.value, place)
        elif flags & (journal.POST | journal.VOID):
            how = "posted" if flags & journal.POST else "voided"
            hold = self.end_hold(journal.id_text(pending), how, place)
            if hold and how == "posted":
                if command.value > hold.amount:
                    self.complain("hold", f"{place}: {command.id} posts more than was held")
                self.post(hold.debit, hold.credit, command.value, place)
        else:
            self.post(debit, credit, command.value, place)

    def end_hold(self, hold_id, how, place):
        hold = self.holds.pop(hold_id, None)
        if hold is None:
            self.complain("hold", f"{place}: hold {hold_id} is {how}, but it is not open "
                                  f"({self.hold_ends.get(hold_id, 'never opened')})")
            return None
        self.hold_ends[hold_id] = how
        self.pend(hold.debit, hold.credit, -hold.amount, place)
        return hold

    # ---- Settlements ----

    def open_settlement(self, read, is_initiator, place):
        peer = read.responder if is_initiator else read.initiator
        if read.id in self.settlements:
            return  # the same id from the other side: that one is refused and has no event
        legs = []
        for leg in read.legs:
            corridor = self.corridors.get((peer, leg.asset), 0)
            own = leg.initiator_account if is_initiator else leg.responder_account
            pays = leg.is_out == is_initiator
            legs.append((own, corridor, leg.amount) if pays else (corridor, own, leg.amount))
        settlement = Settlement(read.id, peer, is_initiator, tuple(legs), read.decide_by)
        self.settlements[read.id] = settlement
        if is_initiator:
            for debit, credit, amount in legs:
                self.pend(debit, credit, amount, place)

    def change_settlement(self, event, entry, place):
        own, peer, status, code, _ = journal.SETTLEMENT_CHANGED.unpack_from(event.body)
        own = journal.id_text(own)
        settlement = self.settlements.get(own)
        if settlement is None or settlement.peer != peer:
            self.complain("decision", f"{place}: {own} changed, but it was never instructed")
            return
        if settlement.status in FINAL:
            self.complain("decision", f"{place}: {own} changed after its decision")
        if status in FINAL and settlement.status not in FINAL:
            for debit, credit, amount in settlement.legs:
                if settlement.is_initiator:
                    self.pend(debit, credit, -amount, place)
                if status == journal.SETTLED:
                    self.post(debit, credit, amount, place)
        settlement.changes += status in FINAL
        settlement.status, settlement.code, settlement.seqno = status, code, entry.seqno

    # ---- The channel ----

    def take_envelope(self, command, place):
        if command.code != 0:
            return
        payload = journal.payload_of(command.record)
        channel = self.applied[payload.sender]
        for index, message in enumerate(payload.messages):
            number = payload.first + index
            if number <= len(channel.messages):
                if channel.messages[number - 1] != message:
                    self.complain("channel", f"{place}: message {number} was another before")
                continue
            if number != len(channel.messages) + 1:
                self.complain("channel", f"{place}: message {number} came after "
                                         f"{len(channel.messages)}")
                return
            channel.extend(message)
            if journal.message_kind(message) == journal.INSTRUCT:
                read = journal.instruction(journal.message_body(message))
                self.open_settlement(read, False, place)
        if command.value != len(channel.messages):
            self.complain("channel", f"{place}: the cursor is told as {command.value}, but "
                                     f"{len(channel.messages)} messages came")

    def take_event(self, event, entry, place):
        if event.kind == 1:
            hold_id, amount, _ = journal.HOLD_EXPIRED.unpack_from(event.body)
            hold = self.end_hold(journal.id_text(hold_id), "expired", place)
            if hold and (hold.amount != amount or not hold.expires
                         or event.at < hold.expires):
                self.complain("hold", f"{place}: hold {journal.id_text(hold_id)} expired early "
                                      "or with another amount")
        elif event.kind == 2:
            peer, size, seqno, before, after = journal.MESSAGE_QUEUED.unpack_from(event.body)
            channel = self.sent[peer]
            begin = journal.MESSAGE_QUEUED.size
            is_in_line = channel.chain == before and seqno == len(channel.messages) + 1
            channel.extend(event.body[begin:begin + size])
            if not is_in_line or channel.chain != after:
                self.complain("channel", f"{place}: message {seqno} to node {peer} does not "
                                         "follow the one before it")
        elif event.kind == 3:
            self.change_settlement(event, entry, place)
        elif event.kind == 4:
            peer, code, cursor, _, _ = journal.PEER_HALTED.unpack_from(event.body)
            self.complain("halted", f"{place}: halted node {peer} at message {cursor} with "
                                    f"code {code}, though nobody lied")
