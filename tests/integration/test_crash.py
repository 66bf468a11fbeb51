"""kill -9 of either node at every named point of a payment and of a delivery versus payment: after
the restart both sides agree, sums are conserved, nothing was paid twice, nothing is on hold."""

import os
import re
import signal
import time
import unittest

import grpc

import harness
from caller import refusal_of
from cities import CNY, SHANGHAI, XAU
from contract import SOURCE, v1
from process import Died
from waiting import wait_until
from world import World

HEADER = SOURCE / "services" / "node" / "crash_points.hpp"
AMOUNT = 100  # of each settlement; gold: the same number of its minor units

GONE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)

INITIATOR, RESPONDER = "initiator", "responder"
# What passes the points of the core, the journal and the release, on either side, in this order.
ENTRIES = {
    ("payment", INITIATOR): ("instruct", "decision"),
    ("payment", RESPONDER): ("instruct",),
    ("dvp", INITIATOR): ("instruct", "decision"),
    ("dvp", RESPONDER): ("instruct", "affirm"),
}
# What passes the points of the link. Points without a kind stand for whatever comes first.
SENT = {INITIATOR: "instruct", RESPONDER: "decision"}
RECEIVED = {INITIATOR: "decision", RESPONDER: "instruct"}


def all_points():
    """The points that the program has, from the list in its header."""
    names = re.search(r"kCrashPointNames = \{(.*?)\};", HEADER.read_text(encoding="utf-8"), re.S)
    return re.findall(r'"([a-z.-]+)"', names.group(1))


def wishes(kind, side):
    """Every HUGANG_CRASH_AT that this kind of settlement passes on this side."""
    for point in all_points():
        if point in ("peer.before-send", "peer.after-send"):
            yield f"{point}@{SENT[side]}"
        elif point == "peer.after-verify":
            yield f"{point}@{RECEIVED[side]}"
        elif point == "peer.after-receive":
            yield point
        elif point == "peer.before-ack":
            yield f"{point}:2"  # the first report goes out when the stream opens
        else:
            for tag in ENTRIES[kind, side]:
                yield f"{point}@{tag}"
    if side == RESPONDER:  # the same entries under their other names
        yield "journal.before-append@peer-envelope"
        yield "journal.after-append@peer-envelope"
        yield "core.after-apply@decision"


class KilledAtEveryPoint(harness.ClusterTest):
    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)
        owner.world.settle(owner.world.pay(1_000_000))
        owner.first_answers = {}

    def insist(self, work, node):
        """Does `work` until it is answered; a node that was killed is started again, unarmed.

        Returns the answer and whether the node died."""
        died = False
        while True:
            try:
                return work(), died
            except grpc.RpcError as error:
                if error.code() not in GONE:
                    raise AssertionError(refusal_of(error)) from error
                died = self.revive(node) or died

    def revive(self, node):
        """When the node was killed: starts it again. False when it is alive."""
        if node.process.process is None or node.process.process.poll() is None:
            return False
        self.assertEqual(node.process.wait_end(), -signal.SIGKILL, node.log_tail())
        node.start()
        return True

    def start_armed(self, node, wish):
        """True when the node passed its point while it was starting, and was started again."""
        try:
            node.start(crash_at=wish)
        except Died as death:
            self.assertEqual(death.code, -signal.SIGKILL, death.log)
            node.start()
            return True
        return False

    def settle_through_the_crash(self, request, node, died_early):
        """Instructs, affirms, waits; revives the node when it dies. True when it did."""
        world, died = self.world, [died_early]
        alice, bob = world.alice, world.bob

        def quick(method, message):
            # Waits in the library: it does not dial again while nobody waits.
            return method(message, timeout=1, wait_for_ready=True)

        answer, is_dead = self.insist(
            lambda: quick(alice.settlements.Instruct, request).outcome, node)
        died.append(is_dead)
        self.assert_ok(answer)
        if request.kind == v1.SETTLEMENT_KIND_DVP:
            def look():
                died.append(self.revive(node))
                try:
                    return quick(bob.settlements.GetSettlement,
                                 v1.GetSettlementRequest(id=request.id))
                except grpc.RpcError as error:
                    if error.code() in (grpc.StatusCode.NOT_FOUND, *GONE):
                        return None
                    raise
            wait_until(look, "the responder knows of it")
            affirm = v1.AffirmRequest(id=v1.Id(value=bytes(reversed(request.id.value))),
                                      settlement_id=request.id)
            outcome, is_dead = self.insist(
                lambda: quick(bob.settlements.Affirm, affirm).outcome, node)
            died.append(is_dead)
            self.assert_ok(outcome)

        def is_over():
            died.append(self.revive(node))
            try:
                return [each for each in (
                    quick(side.settlements.GetSettlement,
                          v1.GetSettlementRequest(id=request.id)).settlement
                    for side in (alice, bob)) if each.status == v1.SETTLEMENT_STATUS_SETTLED]
            except grpc.RpcError as error:
                if error.code() in (grpc.StatusCode.NOT_FOUND, *GONE):
                    return []
                raise
        wait_until(lambda: len(is_over()) == 2, "settled on both sides")
        # What passes last (an acknowledgement, the release) may come after the settlement is over.
        if not any(died):
            wait_until(lambda: not node.process.is_running(), "killed")
            died.append(self.revive(node))
        self.first_answers[request.id.value] = answer
        return any(died)

    def check_end(self, request, before):
        world = self.world
        is_dvp = request.kind == v1.SETTLEMENT_KIND_DVP
        expected = dict(before)
        moved = {("alice", XAU): -AMOUNT, ("bob", XAU): AMOUNT, ("bob", CNY): -AMOUNT,
                 ("alice", CNY): AMOUNT} if is_dvp else {("alice", CNY): -AMOUNT,
                                                        ("bob", CNY): AMOUNT}
        for key, change in moved.items():
            expected[key] += change
        self.assertEqual(world.balances(), expected)
        again = world.alice.instruct(request)
        first = self.first_answers[request.id.value]
        self.assertTrue(again.repeated)
        self.assertEqual((again.code, again.value, again.decided_at_ns),
                         (first.code, first.value, first.decided_at_ns))
        self.assertEqual(world.balances(), expected)

    def run_all(self, kind, side):
        world = self.world
        node = world.shanghai if side == INITIATOR else world.hongkong
        chosen = list(wishes(kind, side))
        if os.environ.get("HUGANG_CRASH_ONLY"):
            chosen = [wish for wish in chosen if os.environ["HUGANG_CRASH_ONLY"] in wish]
        for wish in chosen:
            with self.subTest(f"{kind}: {side} killed at {wish}"):
                began = time.monotonic()
                before = world.balances()
                node.stop()
                died_early = self.start_armed(node, wish)
                request = (world.dvp if kind == "dvp" else world.pay)(
                    *((AMOUNT, AMOUNT) if kind == "dvp" else (AMOUNT,)))
                self.assertTrue(self.settle_through_the_crash(request, node, died_early))
                self.check_end(request, before)
                self.cluster.check_books()
                print(f"{wish} {time.monotonic() - began:.1f} s", end="; ", flush=True)
        self.cluster.reconcile_all()

    def test_payment_initiator(self):
        self.run_all("payment", INITIATOR)

    def test_payment_responder(self):
        self.run_all("payment", RESPONDER)

    def test_dvp_initiator(self):
        self.run_all("dvp", INITIATOR)

    def test_dvp_responder(self):
        self.run_all("dvp", RESPONDER)

    def test_every_point_of_the_program_is_visited(self):
        visited = {re.split("[@:]", wish)[0] for kind in ("payment", "dvp")
                   for side in (INITIATOR, RESPONDER) for wish in wishes(kind, side)}
        self.assertEqual(visited, set(all_points()))
        self.assertGreaterEqual(len(visited), 11)


class BadWishes(harness.ClusterTest):
    STARTED = AUDITED = False

    def test_a_wish_that_names_nothing_stops_the_start(self):
        node = self.cluster[SHANGHAI]
        for wish in ("no.such-point", "core.before-apply@nothing", "core.before-apply:0"):
            node.process.spawn(crash_at=wish)
            self.assertEqual(node.process.wait_end(), 64)
            self.assertIn("HUGANG_CRASH_AT", node.process.log_of_this_life())


if __name__ == "__main__":
    unittest.main()
