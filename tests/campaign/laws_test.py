"""Each law finds an error that is planted against it, and is silent about two honest ledgers.

The ledgers are made here, byte by byte: Shanghai (1) issues an asset, pays Hong Kong (2) with it
in one settlement that settles and one that is refused, has holds that end in each way, an answer
that is repeated and a refusal that is."""

import dataclasses
import hashlib
import struct
import unittest

import journal
import laws

ISSUER, PEER = 1, 2
ASSET = 7
RESERVE, CORRIDOR, ALICE, ANNA = 11, 12, 13, 14  # accounts of the issuer
CLAIM, BOB = 22, 23  # accounts of the peer
CALLER = 5
FUNDS, KIND_PAYMENT = 70, 1  # INSUFFICIENT_FUNDS


def number(text):
    """An id as records hold it."""
    return bytes.fromhex(text)[::-1] if text else bytes(16)


def make_id(name):
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def open_account(name, kind, peer=0, flags=0):
    return "open_account", journal.OPEN_ACCOUNT.pack(number(make_id(name)), CALLER, ASSET, flags,
                                                     kind, 0, peer, 0, b"")


def transfer(own, debit, credit, amount, flags=0, pending="", expires=0):
    return "transfer", journal.TRANSFER.pack(number(own), number(pending), bytes(16), debit,
                                             credit, amount, expires, 0, ASSET, 0, flags)


def instruct_body(own, amount):
    head = journal.INSTRUCT_HEAD.pack(number(own), bytes(16), ISSUER, PEER, KIND_PAYMENT, 1, 0,
                                      10**6, 0, 0, 0)
    return head + journal.LEG.pack(ALICE, BOB, amount, ASSET, journal.OUT, 0, 0)


def message(kind, body):
    return journal.MESSAGE_HEAD.pack(len(body), kind, 0) + body + bytes(-len(body) % 8)


def decision(own, code):
    return message(journal.DECISION_KIND, journal.DECISION.pack(number(own), code, 0, 0, 1, 1, 0))


def changed(own, peer, status, code=0):
    return 3, journal.SETTLEMENT_CHANGED.pack(number(own), peer, status, code, 0)


def expired(own, amount):
    return 1, journal.HOLD_EXPIRED.pack(number(own), amount, 0)


NUMBERS = {name: number_ for number_, name in journal.KINDS.items()}


class Ledger:
    """Writes entries of one command, each at ten times its number."""

    def __init__(self, node):
        self.node = node
        self.data = []
        self.checksum = bytes(16)
        self.seqno = 0
        self.chain, self.queued, self.applied = bytes(32), [], 0
        self.record = []

    def queue(self, peer, whole):
        after = hashlib.sha256(b"\x02" + self.chain + whole).digest()
        self.queued.append(whole)
        event = (2, journal.MESSAGE_QUEUED.pack(peer, len(whole), len(self.queued), self.chain,
                                                after) + whole)
        self.chain = after
        return event

    def add(self, kind, record, code=0, value=0, events=(), decided=None, caller=CALLER,
            is_told=True):
        """One entry; a customer's command is sent and answered in the clients' record, too."""
        self.seqno += 1
        at = self.seqno * 10
        is_repeated = decided is not None
        decided = at if decided is None else decided
        group = journal.GROUP_HEAD.pack(NUMBERS[kind], 0, 1, caller, len(record), 0, 0) + record
        outcome = journal.OUTCOME.pack(code, int(is_repeated), 0, value, decided)
        tail = b"".join(journal.EVENT_HEAD.pack(each, 0, len(body), at) + body +
                        bytes(-len(body) % 8) for each, body in events)
        checksum = hashlib.sha256(b"%d %d" % (self.node, self.seqno)).digest()[:16]
        self.data.append(journal.ENTRY_HEAD.pack(
            b"HGENTRY\0", 1, 0, self.node, self.seqno, at, self.checksum, bytes(16), 1, 1,
            len(group), len(outcome), len(tail), 0, bytes(24), checksum) + group + outcome + tail)
        self.checksum = checksum
        own = record[:16][::-1].hex()
        if caller and is_told:
            content = journal.CONTENTS[kind](record)
            self.record += [
                {"sent": own, "node": self.node, "content": content},
                {"answer": own, "node": self.node, "content": content, "code": code,
                 "value": value, "at": decided, "entry": self.seqno, "repeated": is_repeated}]
        return at

    def receive(self, sender, whole, events=()):
        payload = journal.PAYLOAD_HEAD.pack(0, 1, 0, sender, self.node, 1, len(whole),
                                            self.applied + 1, 0, 0, bytes(32), bytes(32)) + whole
        envelope = journal.ENVELOPE_HEAD.pack(b"HGEV", 1, 1, 0, 0, len(payload), 0) + payload
        self.applied += 1
        self.add("peer_envelope", journal.PEER_ENVELOPE_HEAD.pack(
            bytes(16), sender, len(envelope), 0) + envelope, 0, self.applied, events, caller=0)


class World:
    """Two honest ledgers. A test changes a step by name, or what is made of them."""

    def __init__(self, **changes):
        self.change = lambda name, usual: changes.get(name, usual)
        self.issuer, self.peer = Ledger(ISSUER), Ledger(PEER)
        asset = journal.REGISTER_ASSET.pack(bytes(16), ASSET, ISSUER) + bytes(40)
        for ledger in (self.issuer, self.peer):
            ledger.add("register_asset", asset, caller=0)
        for name, value, kind, peer in (("reserve", RESERVE, journal.RESERVE, 0),
                                        ("corridor", CORRIDOR, journal.CORRIDOR, PEER),
                                        ("alice", ALICE, journal.CUSTOMER, 0),
                                        ("anna", ANNA, journal.CUSTOMER, 0)):
            self.issuer.add(*open_account(name, kind, peer, flags=int(kind == journal.CUSTOMER)),
                            value=value)
        self.peer.add(*open_account("claim", journal.CORRIDOR, ISSUER), value=CLAIM)
        self.peer.add(*open_account("bob", journal.CUSTOMER, flags=1), value=BOB)
        self.local()
        self.settle("settled", 60, 0)
        self.settle("refused", 50, FUNDS)
        self.record = self.issuer.record + self.peer.record
        self.record.append({"told": make_id("settled"), "node": ISSUER,
                            "status": journal.SETTLED, "code": 0})
        self.told = {ISSUER: {RESERVE: (1_000, 0, 0, 0), CORRIDOR: (0, 60, 0, 0),
                              ALICE: (110, 1_000, 0, 0), ANNA: (0, 50, 0, 0)},
                     PEER: {CLAIM: (60, 0, 0, 0), BOB: (0, 60, 0, 0)}}

    def local(self):
        add, change = self.issuer.add, self.change
        add(*transfer(make_id("issue"), RESERVE, ALICE, 1_000), value=1_000)
        first = add(*transfer(make_id("pay"), ALICE, ANNA, 20), value=20)
        add(*transfer(make_id("pay"), ALICE, ANNA, 20), value=change("repeated value", 20),
            decided=change("repeated at", first))
        refused = add(*transfer(make_id("too much"), ALICE, ANNA, 5_000), FUNDS)
        add(*transfer(make_id("too much"), ALICE, ANNA, 5_000), change("second refusal", FUNDS),
            decided=refused)
        add(*transfer(make_id("pay"), ALICE, ANNA, 21), change("other content", 2))
        for name in ("posted", "voided", "expires"):
            until = self.issuer.seqno * 10 + change("expiry", 30) if name == "expires" else 0
            add(*transfer(make_id(name), ALICE, ANNA, 30, journal.HOLD, expires=until), value=30)
        add(*transfer(make_id("post"), 0, 0, 0, journal.POST, make_id("posted")), value=30)
        add(*transfer(make_id("void"), 0, 0, 0, journal.VOID, make_id(change("void", "voided"))),
            value=30)
        events = [expired(make_id("expires"), change("expired amount", 30))]
        add("tick", bytes(32), events=events * change("expiries", 1), caller=0)

    def settle(self, name, amount, code):
        own, change = make_id(name), self.change
        status = journal.REFUSED if code else journal.SETTLED
        instruction = message(journal.INSTRUCT, instruct_body(own, amount))
        self.issuer.add("instruct", instruct_body(own, amount), value=len(self.issuer.queued) + 1,
                        events=[changed(own, PEER, journal.SENT), self.issuer.queue(PEER,
                                                                                    instruction)])
        sent = message(journal.INSTRUCT, instruct_body(own, change("arrives", amount)))
        answer = decision(own, code)
        events = [changed(own, ISSUER, journal.PENDING), changed(own, ISSUER, status, code)]
        self.peer.receive(ISSUER, sent, events + [self.peer.queue(ISSUER, answer)])
        if name in change("never heard", ()):
            return
        status, code = change(name, (status, code))
        self.issuer.receive(PEER, answer, [changed(own, PEER, status, code)] *
                            change("decisions", 1) + change("halt", []))

    def broken(self, at_rest=True, ledgers=None):
        ledgers = ledgers or self.ledgers()
        evidence = laws.Evidence(ledgers, self.record, at_rest, self.told)
        return laws.judge(evidence)

    def ledgers(self):
        return {each.node: journal.entries(b"".join(each.data))
                for each in (self.issuer, self.peer)}

    def answer_to(self, name):
        return next(line for line in self.record if line.get("answer") == make_id(name))


class Laws(unittest.TestCase):
    def assert_found(self, law, words, world, **options):
        broken = world.broken(**options)
        found = [sentence for name, sentence in broken if name == law.__name__]
        self.assertTrue(found, f"not found; instead: {broken}")
        self.assertIn(words, "\n".join(found))
        self.covered.add(law)

    covered = set()

    @classmethod
    def tearDownClass(cls):
        assert cls.covered >= set(laws.LAWS), f"untested: {set(laws.LAWS) - cls.covered}"

    def test_honest_ledgers_are_not_complained_about(self):
        self.assertEqual(World().broken(), [])
        self.assertEqual(World().broken(at_rest=False), [])

    def test_what_is_under_way_is_no_breach_before_rest(self):
        world = World(**{"never heard": ("settled", "refused")})
        world.told, world.record = {}, world.record[:-1]
        self.assertEqual(world.broken(at_rest=False), [])
        for law in (laws.mirrors_agree, laws.money_is_conserved):
            self.assertNotIn(law.__name__, dict(world.broken()))

    def test_journal_in_order(self):
        law, world = laws.journal_in_order, World()
        for change, words in ((lambda entries: entries.pop(4), "does not stand at its number"),
                              (lambda entries: entries.append(entries[-1]), "does not stand"),
                              (lambda entries: setattr(entries[3], "at", 5), "not after the time"),
                              (lambda entries: setattr(entries[3], "previous", bytes(16)),
                               "does not follow"),
                              (lambda entries: setattr(entries[3], "node", 9), "of node 9")):
            ledgers = world.ledgers()
            change(ledgers[ISSUER])
            self.assert_found(law, words, world, ledgers=ledgers)

    def test_acknowledged_is_there(self):
        law = laws.acknowledged_is_there
        for key, lie in (("code", 70), ("value", 21), ("at", 1), ("entry", 2),
                         ("repeated", True), ("content", ["transfer"])):
            world = World()
            world.answer_to("pay")[key] = lie
            self.assert_found(law, make_id("pay"), world)
        world = World()  # an entry at the end that is lost, as by a write that was not synced
        ledgers = world.ledgers()
        world.record.append({**world.answer_to("pay"), "answer": make_id("lost"), "entry": 99})
        self.assert_found(law, "nothing under this id", world, ledgers=ledgers)

    def test_decided_once(self):
        world = World()
        world.issuer.add(*transfer(make_id("pay"), ALICE, ANNA, 20), value=20)
        self.assert_found(laws.decided_once, make_id("pay"), world)
        world = World()
        world.issuer.add(*open_account("again", journal.CUSTOMER), value=ALICE)
        self.assert_found(laws.decided_once, "opened twice", world)

    def test_answers_are_stable(self):
        law = laws.answers_are_stable
        self.assert_found(law, make_id("pay"), World(**{"repeated value": 19}))
        self.assert_found(law, make_id("pay"), World(**{"repeated at": 3}))
        self.assert_found(law, make_id("too much"), World(**{"second refusal": 0}))
        self.assert_found(law, "accepts other content", World(**{"other content": 0}))

    def test_nothing_from_nowhere(self):
        law, world = laws.nothing_from_nowhere, World()
        world.issuer.add(*transfer(make_id("phantom"), ALICE, ANNA, 1), value=1, is_told=False)
        self.assert_found(law, make_id("phantom"), world)
        world = World()
        for line in world.record:
            if line.get("sent") == make_id("settled"):
                line["content"] = ["instruct"]
        self.assert_found(law, make_id("settled"), world)

    def test_decisions_agree(self):
        law = laws.decisions_agree
        self.assert_found(law, make_id("settled"), World(settled=(journal.REFUSED, FUNDS)))
        self.assert_found(law, make_id("refused"), World(refused=(journal.SETTLED, 0)))
        self.assert_found(law, make_id("refused"), World(refused=(journal.REFUSED, 71)))
        self.assert_found(law, "changed after its decision", World(decisions=2))
        world = World()
        world.peer.add("tick", bytes(32), caller=0, events=[
            changed(make_id("settled"), ISSUER, journal.REFUSED, FUNDS)])
        self.assert_found(law, "decided 2 times", world)
        ledgers = World().ledgers()  # the responder has forgotten everything behind its accounts
        del ledgers[PEER][3:]
        self.assert_found(law, "no trace", World(), ledgers=ledgers)

    def test_told_stays_true(self):
        world = World()
        world.record[-1]["status"] = journal.REFUSED
        self.assert_found(laws.told_stays_true, make_id("settled"), world)

    def test_messages_arrive_whole(self):
        law = laws.messages_arrive_whole
        self.assert_found(law, "never queued so", World(arrives=61))
        self.assert_found(law, "of the 2", World(**{"never heard": ("refused",)}))
        world = World()
        world.peer.receive(ISSUER, decision(make_id("invented"), 0))
        self.assert_found(law, "never queued so", world)
        world = World()
        world.peer.applied += 1
        world.peer.receive(ISSUER, decision(make_id("gap"), 0))
        self.assert_found(law, "came after", world)
        world = World()
        world.issuer.chain = bytes(32)
        world.issuer.add("tick", bytes(32), caller=0,
                         events=[world.issuer.queue(PEER, decision(make_id("fork"), 0))])
        self.assert_found(law, "does not follow", world)

    def test_nobody_is_halted(self):
        halt = (4, journal.PEER_HALTED.pack(PEER, 150, 0, 1, 1))
        self.assert_found(laws.nobody_is_halted, "code 150", World(halt=[halt]))

    def test_mirrors_agree(self):
        self.assert_found(laws.mirrors_agree, "node 1 has", World(
            settled=(journal.REFUSED, FUNDS)))
        ledgers = World().ledgers()  # a decision that is under way explains 60, not 59
        world = World(**{"never heard": ("settled",)})
        ledgers = world.ledgers()
        entry = next(entry for entry in ledgers[ISSUER] for command in entry.commands
                     if command.id == make_id("settled"))
        changed_record = instruct_body(make_id("settled"), 59)
        entry.commands[0] = dataclasses.replace(entry.commands[0], record=changed_record)
        self.assert_found(laws.mirrors_agree, "asset 7", world, ledgers=ledgers, at_rest=False)

    def test_money_is_conserved(self):
        law = laws.money_is_conserved
        world = World()
        world.issuer.add(*transfer(make_id("mint"), ANNA, ALICE, 10_000), value=10_000)
        self.assert_found(law, "below zero", world)
        world = World()
        world.issuer.add(*transfer(make_id("melt"), ALICE, RESERVE, 2_000), value=2_000)
        self.assert_found(law, "above zero", world)
        self.assert_found(law, "issued, customers have", World(settled=(journal.REFUSED, 70)))
        world = World()  # one side of a payment is in another asset
        other = journal.OPEN_ACCOUNT.pack(number(make_id("odd")), CALLER, 8, 0, journal.CUSTOMER,
                                          0, 0, 0, b"")
        world.issuer.add("open_account", other, value=99)
        world.issuer.add(*transfer(make_id("mixed"), ALICE, 99, 5), value=5)
        self.assert_found(law, "credits less debits", world)

    def test_holds_end(self):
        law = laws.holds_end
        self.assert_found(law, "outlived", World(expiries=0))
        self.assert_found(law, "it is not open (expired)", World(expiries=2))
        self.assert_found(law, "it is not open (posted)", World(void="posted"))
        self.assert_found(law, "expired early", World(expiry=3_000))
        self.assert_found(law, "another amount", World(**{"expired amount": 29}))
        self.assert_found(law, "on hold", World(**{"never heard": ("refused",)}))

    def test_settlements_end(self):
        self.assert_found(laws.settlements_end, make_id("refused"),
                          World(**{"never heard": ("refused",)}))

    def test_nodes_tell_their_books(self):
        law, world = laws.nodes_tell_their_books, World()
        world.told[PEER][BOB] = (0, 61, 0, 0)
        self.assert_found(law, "account 23", world)
        world = World()
        del world.told[PEER][BOB]
        self.assert_found(law, "told of 1 accounts", world)

    def test_bytes_that_are_no_entries_are_refused(self):
        data = b"".join(World().issuer.data)
        for broken in (data[:-1], data[1:], data[:100], data + b"\0" * 8):
            with self.assertRaises((journal.Unreadable, struct.error)):
                journal.entries(broken)


if __name__ == "__main__":
    unittest.main()
