"""Shanghai signs SM2, Hong Kong Ed25519: everything that two honest nodes settle with each other,
through restarts and a change of keys, down to the signed reconciliation."""

import threading
import time
import unittest

import harness
from bad_requests import public_key_der
from caller import leg, leg_in, new_id, payment
from cities import CNY, HKD, HONGKONG, XAU
from contract import v1
from waiting import wait_until
from world import RICH, World

SETTLED, REFUSED = v1.SETTLEMENT_STATUS_SETTLED, v1.SETTLEMENT_STATUS_REFUSED


class CorridorTest(harness.ClusterTest):
    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)

    def tearDown(self):
        # Only where the test itself went well: what is under way then is nobody's fault.
        if self._outcome.success:
            self.cluster.check_books()
            self.cluster.reconcile_all()
        super().tearDown()

    def assert_settled(self, request, caller=None):
        own, other = self.world.settle(request, caller)
        self.assertEqual((own.status, own.code_name), (SETTLED, "OK"), own)
        return own, other

    def assert_refused(self, request, code, caller=None):
        before = self.world.balances()
        own, other = self.world.settle(request, caller)
        self.assertEqual((own.status, own.code_name), (REFUSED, code), own)
        self.assertEqual(other.code_name, code)
        self.assertEqual(self.world.balances(), before)
        return own

    def assert_moved(self, before, **changes):
        """Balances changed by just this: name_ASSET=difference."""
        assets = {"CNY": CNY, "HKD": HKD, "XAU": XAU}
        expected = dict(before)
        for key, change in changes.items():
            name, asset = key.split("_")
            expected[name, assets[asset]] += change
        self.assertEqual(self.world.balances(), expected)


class Payments(CorridorTest):
    def test_both_ways_with_every_step_recorded(self):
        world = self.world
        before = world.balances()
        own, other = self.assert_settled(world.pay(12_345))
        self.assert_moved(before, alice_CNY=-12_345, bob_CNY=12_345)
        self.assertEqual([step.step for step in own.steps], ["held", "sent", "decided", "posted"])
        self.assertTrue(own.is_initiator)
        self.assertFalse(other.is_initiator)
        self.assertIn("received", [step.step for step in other.steps])
        for settlement in (own, other):
            times = [step.at_ns for step in settlement.steps if step.step != "decided"]
            self.assertEqual(times, sorted(times))
        self.assert_settled(world.pay(345, "bob", "anna"), world.bob)
        self.assert_settled(world.pay(500, "bob", "alice", HKD), world.bob)
        self.assert_moved(before, alice_CNY=-12_345, bob_CNY=12_000, anna_CNY=345,
                          bob_HKD=-500, alice_HKD=500)

    def test_many_legs_in_one_settlement(self):
        world = self.world
        before = world.balances()
        legs = [leg(world.of("alice", CNY), world.of(name, CNY), CNY, amount)
                for amount, name in ((1, "bob"), (20, "ben"), (300, "bob"))]
        legs.append(leg(world.of("alice", XAU), world.of("ben", XAU), XAU, 4_000))
        self.assert_settled(payment(HONGKONG, *legs))
        self.assert_moved(before, alice_CNY=-321, bob_CNY=301, ben_CNY=20, alice_XAU=-4_000,
                          ben_XAU=4_000)
        legs[1].responder_account = 2_009_999_999_949
        self.assert_refused(payment(HONGKONG, *legs), "CREDIT_ACCOUNT_UNKNOWN")

    def test_refusals_by_the_responder_leave_nothing(self):
        world = self.world
        unknown = world.pay(100)
        unknown.legs[0].responder_account = 2_009_999_999_949
        self.assert_refused(unknown, "CREDIT_ACCOUNT_UNKNOWN")
        wrong = world.pay(100)
        wrong.legs[0].responder_account = world.of("bob", HKD)
        self.assert_refused(wrong, "ASSET_MISMATCH")
        operator = world.hongkong.operator
        frozen = v1.UpdateAccountRequest(id=new_id(), account=world.of("bob", CNY), frozen=True)
        self.assert_ok(operator.call(operator.admin.UpdateAccount, frozen).outcome)
        self.assert_refused(world.pay(100), "CREDIT_ACCOUNT_FROZEN")
        thawed = v1.UpdateAccountRequest(id=new_id(), account=world.of("bob", CNY), frozen=False)
        self.assert_ok(operator.call(operator.admin.UpdateAccount, thawed).outcome)
        self.assert_settled(world.pay(100))

    def test_refusals_by_the_initiators_own_ledger_are_answered_at_once(self):
        world = self.world
        self.assert_code(world.alice.instruct(world.pay(RICH + 1)), "INSUFFICIENT_FUNDS")
        self.assert_code(world.alice.instruct(world.pay(5, payee="anna")),
                         "CREDIT_ACCOUNT_MALFORMED")
        self.assert_code(world.alice.instruct(world.pay(5, decide_by_ns=1)), "DECIDE_BY_PASSED")
        far = world.pay(5, decide_by_ns=time.time_ns() + 8 * 24 * 3_600 * 10**9)
        self.assert_code(world.alice.instruct(far), "DECIDE_BY_TOO_FAR")
        nowhere = world.pay(5)
        nowhere.responder_node = 77
        self.assert_code(world.alice.instruct(nowhere), "PEER_UNKNOWN")

    def test_retries_are_answered_as_before_and_other_content_is_refused(self):
        world = self.world
        before = world.balances()
        request = world.pay(777)
        first = self.assert_ok(world.alice.instruct(request))
        world.both_ends(request.id)
        for _ in range(3):
            again = world.alice.instruct(request)
            self.assertTrue(again.repeated)
            self.assertEqual((again.code, again.value, again.decided_at_ns),
                             (first.code, first.value, first.decided_at_ns))
        other = v1.InstructRequest.FromString(request.SerializeToString())
        other.legs[0].amount_minor = 778
        self.assert_code(world.alice.instruct(other), "ID_USED_FOR_OTHER_CONTENT")
        self.assert_moved(before, alice_CNY=-777, bob_CNY=777)
        refused = world.pay(RICH * 2)
        first = self.assert_code(world.alice.instruct(refused), "INSUFFICIENT_FUNDS")
        world.shanghai.operator.issue(CNY, world.of("alice", CNY), RICH * 2)
        again = self.assert_code(world.alice.instruct(refused), "INSUFFICIENT_FUNDS")
        self.assertTrue(again.repeated)

    def test_one_id_chosen_by_two_customers_at_once(self):
        world = self.world
        before = world.balances()
        shared = new_id()
        here, there = world.pay(10, id=shared), world.pay(30, "bob", "alice", HKD, id=shared)
        answers = [self.assert_ok(world.alice.instruct(here)), world.bob.instruct(there)]
        ends = [world.alice.final(shared)]
        if answers[1].code == 0:
            ends.append(world.bob.final(shared))
            # Whoever came second at the other node is refused there; nobody's ledger is confused.
            self.assertTrue(all(end.code_name in ("OK", "ID_USED_FOR_OTHER_CONTENT")
                                for end in ends), ends)
        else:
            self.assert_code(answers[1], "ID_USED_FOR_OTHER_CONTENT")
            self.assertEqual(ends[0].status, SETTLED)
        self.cluster.wait_quiet()
        moved = [end.status == SETTLED for end in ends] + [False]
        self.assert_moved(before, alice_CNY=-10 * moved[0], bob_CNY=10 * moved[0],
                          bob_HKD=-30 * moved[1], alice_HKD=30 * moved[1])


class ReturnsAndRecalls(CorridorTest):
    def give_back(self, original, amount):
        world = self.world
        return world.pay(amount, "bob", "alice", kind=v1.SETTLEMENT_KIND_RETURN,
                         original_id=original.id)

    def test_a_return_gives_back_once_and_no_more(self):
        world = self.world
        before = world.balances()
        original = world.pay(1_000)
        self.assert_settled(original)
        self.assert_settled(self.give_back(original, 400), world.bob)
        self.assert_settled(self.give_back(original, 600), world.bob)
        self.assert_moved(before)
        self.assert_code(world.bob.instruct(self.give_back(original, 1)),
                         "RETURN_EXCEEDS_ORIGINAL")
        self.assertEqual(list(world.alice.settlement(original.id).returned_minor), [1_000])
        stranger = self.give_back(original, 1)
        stranger.original_id.CopyFrom(new_id())
        self.assert_code(world.bob.instruct(stranger), "ORIGINAL_UNKNOWN")

    def test_a_recall_before_the_decision_cancels(self):
        world = self.world
        before = world.balances()
        request = world.pvp(500, 600)
        self.assert_ok(world.alice.instruct(request))
        world.bob.seen(request.id)
        self.assertEqual(int(world.alice.account(world.of("alice", CNY)).debits_pending_minor),
                         500)
        self.assert_ok(world.alice.recall(request.id))
        own, _ = world.both_ends(request.id)
        self.assertEqual((own.status, own.code_name), (REFUSED, "RECALLED"))
        self.cluster.wait_quiet()
        self.assertEqual(world.alice.settlement(request.id).recall_code_name, "RECALLED")
        self.assert_moved(before)
        self.assert_code(world.alice.recall(request.id), "ALREADY_REFUSED")

    def test_a_recall_after_the_decision_moves_nothing(self):
        world = self.world
        request = world.pay(500)
        self.assert_settled(request)
        before = world.balances()
        self.assert_ok(world.alice.recall(request.id))
        wait_until(lambda: world.alice.settlement(request.id).recall_code_name, "answered")
        settlement = world.alice.settlement(request.id)
        self.assertEqual((settlement.status, settlement.recall_code_name),
                         (SETTLED, "ALREADY_SETTLED"))
        self.assert_moved(before)
        self.assert_code(world.anna.recall(request.id), "NOT_OWNER")


class Exchanges(CorridorTest):
    def wait_for_bob(self, request):
        self.assert_ok(self.world.alice.instruct(request))
        seen = self.world.bob.seen(request.id)
        self.assertEqual(seen.status, v1.SETTLEMENT_STATUS_PENDING)
        self.assertTrue(seen.awaits_affirmation)
        waiting = self.world.bob.call(
            self.world.bob.settlements.ListSettlements,
            v1.ListSettlementsRequest(awaiting_affirmation_only=True)).settlements
        self.assertIn(request.id.value, [each.id.value for each in waiting])

    def test_pvp_settles_when_affirmed(self):
        world = self.world
        before = world.balances()
        request = world.pvp(10_000, 11_000)
        self.wait_for_bob(request)
        self.assert_code(world.ben.affirm(request.id), "AFFIRMATION_NOT_NEEDED")
        affirm = new_id()
        self.assert_ok(world.bob.affirm(request.id, id=affirm))
        own, _ = world.both_ends(request.id)
        self.assertEqual(own.status, SETTLED)
        self.assertTrue(world.bob.affirm(request.id, id=affirm).repeated)
        self.assert_code(world.bob.affirm(request.id), "ALREADY_SETTLED")
        self.assert_moved(before, alice_CNY=-10_000, bob_CNY=10_000, bob_HKD=-11_000,
                          alice_HKD=11_000)

    def test_dvp_gold_for_money(self):
        world = self.world
        self.assert_settled(world.pay(900_000))
        before = world.balances()
        request = world.dvp(1_000, 900_000)
        self.wait_for_bob(request)
        self.assert_ok(world.bob.affirm(request.id))
        own, _ = world.both_ends(request.id)
        self.assertEqual(own.status, SETTLED)
        self.assert_moved(before, alice_XAU=-1_000, bob_XAU=1_000, bob_CNY=-900_000,
                          alice_CNY=900_000)

    def test_declined_and_unaffordable_and_expired_exchanges_move_nothing(self):
        world = self.world
        before = world.balances()
        declined = world.pvp(10_000, 11_000)
        self.wait_for_bob(declined)
        self.assert_ok(world.bob.affirm(declined.id, decline=True))
        own, _ = world.both_ends(declined.id)
        self.assertEqual((own.status, own.code_name), (REFUSED, "DECLINED"))

        poor = world.pvp(10_000, RICH + 1)
        self.wait_for_bob(poor)
        self.assert_ok(world.bob.affirm(poor.id))
        own, _ = world.both_ends(poor.id)
        self.assertEqual((own.status, own.code_name), (REFUSED, "INSUFFICIENT_FUNDS"))

        decide_by = time.time_ns() + 1_500_000_000
        late = world.pvp(10_000, 11_000, decide_by_ns=decide_by)
        self.wait_for_bob(late)
        own, other = world.both_ends(late.id)
        self.assertEqual((own.status, own.code_name), (REFUSED, "NOT_AFFIRMED"))
        self.assertGreaterEqual(other.steps[-1].at_ns, decide_by)
        self.assert_code(world.bob.affirm(late.id), "ALREADY_REFUSED")
        self.assert_moved(before)

    def test_a_reviewed_account_affirms_what_it_receives(self):
        world = self.world
        operator = world.hongkong.operator
        review = v1.UpdateAccountRequest(id=new_id(), account=world.of("ben", CNY),
                                         review_incoming=True)
        self.assert_ok(operator.call(operator.admin.UpdateAccount, review).outcome)
        request = world.pay(55, payee="ben")
        self.assert_ok(world.alice.instruct(request))
        self.assertTrue(world.ben.seen(request.id).awaits_affirmation)
        self.assert_ok(world.ben.affirm(request.id))
        self.assertEqual(world.both_ends(request.id)[0].status, SETTLED)
        self.assertEqual(world.balance("ben", CNY), 55)

    def test_kinds_and_directions_must_fit(self):
        world = self.world
        inward = leg_in(world.of("bob", HKD), world.of("alice", HKD), HKD, 5)
        self.assert_code(world.alice.instruct(payment(HONGKONG, inward)), "KIND_NOT_ALLOWED")
        one_sided = world.pay(5, kind=v1.SETTLEMENT_KIND_PVP)
        self.assert_code(world.alice.instruct(one_sided), "KIND_NOT_ALLOWED")


class KeysAndRestarts(CorridorTest):
    def new_key(self, node, suite):
        """A second signing key beside the PKI's, known to the node's configuration."""
        pem = node.layout.folder / "signing-next.key"
        algorithm = "SM2" if suite == "sm2" else suite
        done = harness.run("openssl", "genpkey", "-algorithm", algorithm, "-out", pem)
        self.assertEqual(done.returncode, 0, done.stderr)
        pem.chmod(0o600)
        public = pem.with_suffix(".pub.pem")
        harness.run("openssl", "pkey", "-in", pem, "-pubout", "-out", public)
        node.layout.signing_keys.append(pem)
        self.cluster.write_config(node)
        return public_key_der(public)

    def rotate(self, node, suite, der):
        now = time.time_ns()
        key = v1.SigningKey(suite="sm2-sm3" if suite == "sm2" else suite, public_key_der=der,
                            valid_from_ns=now, valid_to_ns=now + 10**18)
        request = v1.RotateKeyRequest(id=new_id(), key=key,
                                      previous_valid_to_ns=now + 1_000_000_000)
        outcome = node.operator.call(node.operator.admin.RotateKey, request).outcome
        return self.assert_ok(outcome), f"{outcome.value:016x}"

    def test_keys_rotate_with_overlap_while_payments_flow(self):
        world = self.world
        for node, suite in ((world.shanghai, "ed25519"), (world.hongkong, "sm2")):
            der = self.new_key(node, suite)
            refusal = node.operator.refused(
                node.operator.admin.RotateKey, v1.RotateKeyRequest(
                    id=new_id(), previous_valid_to_ns=10**18, key=v1.SigningKey(
                        suite="ed25519" if suite == "ed25519" else "sm2-sm3",
                        public_key_der=der, valid_from_ns=1, valid_to_ns=10**18)))
            self.assertEqual(refusal.reason, "KEY_NOT_IN_FOLDER")
            node.restart()  # reads the new key file
            self.cluster.wait_connected()
            stop, settled = threading.Event(), []

            def pay_on():
                while not stop.is_set():
                    settled.append(world.settle(world.pay(1))[0].status)
            payer = threading.Thread(target=pay_on)
            payer.start()
            try:
                _, key_id = self.rotate(node, suite, der)
                peer = world.hongkong if node is world.shanghai else world.shanghai
                known = wait_until(
                    lambda: [key for key in peer.operator.peer(node.city.id).keys
                             if key.key_id == key_id], "the peer knows the new key")
                self.assertEqual(known[0].public_key_der, der)
                old = [key for key in peer.operator.peer(node.city.id).keys
                       if key.key_id != key_id]
                wait_until(lambda: time.time_ns() > max(key.valid_to_ns for key in old),
                           "the old key's end")
                count = len(settled)
                wait_until(lambda: len(settled) > count + 3 or not payer.is_alive(),
                           "payments under the new key alone")
            finally:
                stop.set()
                payer.join()
            self.assertGreater(len(settled), count + 3)
            self.assertEqual(set(settled), {SETTLED})

    def test_each_node_restarts_in_the_middle_of_everything(self):
        world = self.world
        before = world.balances()
        waiting = world.pvp(100, 200)
        self.assert_ok(world.alice.instruct(waiting))
        world.bob.seen(waiting.id)
        hold = new_id()
        self.assert_ok(world.alice.transfer(world.of("alice", CNY), world.of("anna", CNY), CNY, 9,
                                            id=hold, phase=v1.TRANSFER_PHASE_HOLD))
        world.shanghai.restart()
        self.assertEqual(world.alice.settlement(waiting.id).status, v1.SETTLEMENT_STATUS_SENT)
        world.hongkong.stop()
        away = world.pay(11)
        self.assert_ok(world.alice.instruct(away))
        self.assertEqual(world.alice.settlement(away.id).status, v1.SETTLEMENT_STATUS_SENT)
        world.shanghai.restart()
        world.hongkong.start()
        self.assertEqual(world.both_ends(away.id)[0].status, SETTLED)
        world.hongkong.restart()
        self.assert_ok(world.bob.affirm(waiting.id))
        self.assertEqual(world.both_ends(waiting.id)[0].status, SETTLED)
        self.assert_ok(world.alice.transfer(0, 0, CNY, 0, pending_id=hold,
                                            phase=v1.TRANSFER_PHASE_POST))
        self.assert_moved(before, alice_CNY=-120, bob_CNY=111, anna_CNY=9, bob_HKD=-200,
                          alice_HKD=200)

    def test_a_reconciliation_names_what_is_in_flight(self):
        world = self.world
        settled = world.pay(250)
        self.assert_settled(settled)
        answer = world.shanghai.operator.reconcile(HONGKONG.id)
        self.assertEqual(answer.status, v1.RECONCILIATION_STATUS_AGREED)
        lines = {line.asset: line for line in answer.lines}
        self.assertEqual(int(lines[CNY.id].own_minor), 250)
        self.assertEqual(int(lines[CNY.id].peer_minor), 250)
        seen = wait_until(lambda: world.hongkong.operator.call(
            world.hongkong.operator.positions.GetReconciliation,
            v1.GetReconciliationRequest(id=answer.id)), "known at the peer")
        self.assertEqual(seen.status, v1.RECONCILIATION_STATUS_AGREED)
        position = next(each for each in world.shanghai.operator.call(
            world.shanghai.operator.positions.ListPositions,
            v1.ListPositionsRequest()).positions if each.asset == CNY.id)
        self.assertEqual((position.peer_node, int(position.net_minor)), (HONGKONG.id, 250))


if __name__ == "__main__":
    unittest.main()
