"""Histories of accounts and transfers by id, from real nodes: complete, theirs alone, and the same
after a stop, a kill, and the loss of the index."""

import shutil
import threading
import time

import grpc

import harness
from caller import new_id, refusal_of
from cities import CNY, HKD
from contract import v1
from records import packed_transfer
from waiting import wait_until
from world import World

DEBIT, CREDIT = v1.POSTING_SIDE_DEBIT, v1.POSTING_SIDE_CREDIT


class HistoryTest(harness.ClusterTest):
    SHARED = True

    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)

    def setUp(self):
        super().setUp()
        self.alice, self.anna = self.world.alice, self.world.anna
        self.cny = self.world.of("alice", CNY)
        self.annas = self.world.of("anna", CNY)

    def page(self, caller, account, **fields):
        """Waits while the node still reads its journal."""
        def look():
            try:
                return caller.call(caller.transfers.ListTransfers,
                                   v1.ListTransfersRequest(account=account, **fields))
            except grpc.RpcError as error:
                if refusal_of(error).reason == "HISTORY_BUILDING":
                    return None
                raise
        return wait_until(look, f"the history of {account}")

    def history(self, caller, account, **fields):
        lines, token = [], ""
        while True:
            page = self.page(caller, account, page_token=token, **fields)
            lines += page.postings
            token = page.next_page_token
            if not token:
                return lines

    def get(self, caller, transfer_id):
        return caller.call(caller.transfers.GetTransfer, v1.GetTransferRequest(id=transfer_id))

    def check_books(self):
        """The sums of every history of both nodes are the sums of the account."""
        for node in (self.world.shanghai, self.world.hongkong):
            for account in node.operator.all_accounts():
                lines = self.history(node.operator, account.number, page_size=7)
                sums = {(name, side): sum(getattr(line, name) for line in lines
                                          if line.side == side)
                        for name in ("posted_minor", "pending_minor") for side in (DEBIT, CREDIT)}
                self.assertEqual(
                    sums, {("posted_minor", DEBIT): int(account.debits_posted_minor),
                           ("posted_minor", CREDIT): int(account.credits_posted_minor),
                           ("pending_minor", DEBIT): int(account.debits_pending_minor),
                           ("pending_minor", CREDIT): int(account.credits_pending_minor)},
                    account)
                times = [line.at_ns for line in lines]
                self.assertEqual(times, sorted(times, reverse=True))

    def hold(self, amount, **fields):
        hold = new_id()
        self.assert_ok(self.alice.transfer(self.cny, self.annas, CNY, amount, id=hold,
                                           phase=v1.TRANSFER_PHASE_HOLD, **fields))
        return hold


class Told(HistoryTest):
    def test_every_kind_of_movement_is_told(self):
        world, alice = self.world, self.alice
        self.assert_ok(alice.transfer(self.cny, self.annas, CNY, 11))
        posted, voided = self.hold(100), self.hold(200)
        expiring = self.hold(300, expires_at_ns=time.time_ns() + 200_000_000)
        self.assert_ok(alice.transfer(0, 0, CNY, 40, pending_id=posted,
                                      phase=v1.TRANSFER_PHASE_POST))
        self.assert_ok(alice.transfer(0, 0, CNY, 0, pending_id=voided,
                                      phase=v1.TRANSFER_PHASE_VOID))
        world.settle(world.pay(1_000))
        refused = world.pay(1_000)
        refused.legs[0].responder_account = world.of("bob", HKD)  # holds no e-CNY
        self.assert_ok(alice.instruct(refused))
        world.both_ends(refused.id)
        wait_until(lambda: self.get(alice, expiring).hold_state == "HOLD_EXPIRED", "expired")
        kinds = [v1.PostingKind.Name(line.kind).removeprefix("POSTING_KIND_")
                 for line in self.history(alice, self.cny)]
        for kind in ("TRANSFER", "HOLD", "HOLD_POSTED", "HOLD_VOIDED", "HOLD_EXPIRED",
                     "SETTLEMENT_HELD", "SETTLEMENT_POSTED", "SETTLEMENT_RELEASED"):
            self.assertIn(kind, kinds)
        bobs = self.history(world.bob, world.of("bob", CNY))
        self.assertEqual((bobs[0].kind, bobs[0].side, bobs[0].posted_minor, bobs[0].pending_minor),
                         (v1.POSTING_KIND_SETTLEMENT_POSTED, CREDIT, 1_000, 0))
        line = next(line for line in self.history(alice, self.cny)
                    if line.kind == v1.POSTING_KIND_HOLD_POSTED)
        self.assertEqual((line.side, line.counter_account, line.posted_minor, line.pending_minor),
                         (DEBIT, self.annas, 40, -100))
        self.check_books()

    def test_a_transfer_is_in_the_history_as_soon_as_it_is_answered(self):
        for amount in range(1, 60):
            done = new_id()
            self.assert_ok(self.alice.transfer(self.cny, self.annas, CNY, amount, id=done))
            newest = self.page(self.alice, self.cny, page_size=1).postings[0]
            self.assertEqual((newest.id, newest.posted_minor), (done, amount))
            found = self.get(self.anna, done)
            self.assertEqual((found.transfer.debit_account, found.transfer.credit_account,
                              found.transfer.amount_minor), (self.cny, self.annas, amount))
            self.assertEqual(found.outcome.decided_at_ns, newest.at_ns)

    def test_histories_and_transfers_are_seen_by_whom_they_concern(self):
        world = self.world
        done, refused = new_id(), new_id()
        self.assert_ok(self.alice.transfer(self.cny, self.annas, CNY, 3, id=done))
        self.assert_code(self.alice.transfer(self.cny, self.annas, CNY, 10**15, id=refused),
                         "INSUFFICIENT_FUNDS")
        regulator, operator = world.shanghai.by("regulator"), world.shanghai.operator
        for caller in (self.alice, regulator, operator):
            self.assertTrue(self.history(caller, self.cny))
            self.assertTrue(self.get(caller, refused).found)
        self.assertEqual(self.anna.refused(self.anna.transfers.ListTransfers,
                                           v1.ListTransfersRequest(account=self.cny)).reason,
                         "NOT_FOUND")
        self.assertTrue(self.get(self.anna, done).found)
        self.assertFalse(self.get(self.anna, refused).found)
        own = new_id()
        self.assert_ok(self.alice.transfer(self.cny, self.alice.open_account(CNY), CNY, 1, id=own))
        self.assertFalse(self.get(self.anna, own).found)
        found = self.get(self.alice, own)
        self.assertEqual(found.outcome.code_name, "OK")
        self.assertGreater(found.outcome.seqno, 0)

    def test_pages_stay_right_while_the_ledger_grows(self):
        before = self.history(self.alice, self.cny)
        lines, token = [], ""
        while True:
            page = self.page(self.alice, self.cny, page_size=3, page_token=token)
            lines += page.postings
            token = page.next_page_token
            if not token:
                break
            self.assert_ok(self.alice.transfer(self.cny, self.annas, CNY, 1))
        self.assertEqual(lines, before)
        middle = before[len(before) // 2].at_ns
        self.assertEqual(self.history(self.alice, self.cny, to_ns=middle),
                         [line for line in before if line.at_ns < middle])
        self.assertEqual(
            self.history(self.alice, self.cny, from_ns=middle, to_ns=before[0].at_ns + 1),
            [line for line in before if line.at_ns >= middle])
        wrong = self.alice.refused(
            self.alice.transfers.ListTransfers,
            v1.ListTransfersRequest(account=self.cny, page_token="0123456789abcdef" * 2))
        self.assertEqual(wrong.reason, "PAGE_TOKEN_UNKNOWN")


class AfterAnEnd(HistoryTest):
    """Each of these ends the node."""

    def known(self):
        return {number: self.history(self.world.shanghai.operator, number)
                for number in (account.number
                               for account in self.world.shanghai.operator.all_accounts())}

    def void(self, hold):
        self.assert_ok(self.alice.transfer(0, 0, CNY, 0, pending_id=hold,
                                           phase=v1.TRANSFER_PHASE_VOID))

    def fill(self):
        """Also leaves a hold open, over the end of the node."""
        self.open_hold = self.hold(77)
        self.world.settle(self.world.pay(5))
        ids = [new_id() for _ in range(1_000)]
        answer = self.alice.call(self.alice.transfers.SubmitBatch, v1.SubmitBatchRequest(
            packed_transfers=b"".join(
                packed_transfer(each.value, self.cny, self.annas, CNY, 2) for each in ids)))
        self.assertEqual(answer.accepted_count, len(ids))
        return ids

    def check_the_same(self, before, ids):
        self.assertEqual(self.known(), before)
        self.check_books()
        for each in ids[::100]:
            self.assertTrue(self.get(self.anna, each).found)
        self.assert_ok(self.alice.transfer(self.cny, self.annas, CNY, 1))
        self.check_books()
        self.void(self.open_hold)
        self.check_books()

    def test_a_stop_changes_nothing(self):
        ids, node = self.fill(), self.world.shanghai
        before = self.known()
        node.restart()
        self.check_the_same(before, ids)

    def test_a_kill_changes_nothing(self):
        ids, node = self.fill(), self.world.shanghai
        before = self.known()
        node.process.kill()
        node.start()
        self.check_the_same(before, ids)

    def test_a_lost_or_foreign_index_is_made_again(self):
        ids, node = self.fill(), self.world.shanghai
        before = self.known()
        node.stop()
        shutil.rmtree(node.ledger / "index")
        node.start()
        self.check_the_same(before, ids)
        self.open_hold = self.hold(78)
        before = self.known()
        node.stop()
        self.world.hongkong.stop()
        shutil.rmtree(node.ledger / "index")
        shutil.copytree(self.world.hongkong.ledger / "index", node.ledger / "index")
        node.start()
        self.world.hongkong.start()
        self.check_the_same(before, ids)

    def test_reading_beside_writing(self):
        stop = threading.Event()
        failed = []

        def read():
            while not stop.is_set():
                try:
                    page = self.page(self.anna, self.annas, page_size=50)
                    times = [line.at_ns for line in page.postings]
                    if times != sorted(times, reverse=True):
                        failed.append(times)
                except Exception as error:  # pylint: disable=broad-except
                    failed.append(error)
                    return
        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for _ in range(20):
            self.fill()
            self.void(self.open_hold)
        stop.set()
        for reader in readers:
            reader.join()
        self.assertEqual(failed, [])
        self.check_books()
