"""A peer that lies with good signatures. What breaks a rule is kept as evidence and halts that
direction, visibly, until the operator resumes it; what is merely odd does neither."""

import json
import secrets
import subprocess
import tempfile
import unittest

import grpc

import harness
import records
from caller import new_id, refusal_of
from cities import CNY, HKD, HONGKONG, SHANGHAI
from contract import v1
from lying_peer import LyingPeer
from waiting import wait_until
from world import World

# Well-formed numbers that were never opened.
NOBODY = {SHANGHAI: 1_009_999_999_902, HONGKONG: 2_009_999_999_949}


class LyingPeerTest(harness.ClusterTest):
    """Hong Kong lies (Ed25519), Shanghai is the victim."""
    LIAR, VICTIM = HONGKONG, SHANGHAI

    PAYER, PAYEE, ASSET = "bob", "alice", CNY  # from the liar's side to the victim's, which issues

    @staticmethod
    def prepare(owner):
        world = owner.world = World(owner.cluster)
        owner.victim, node = owner.cluster[owner.VICTIM], owner.cluster[owner.LIAR]
        owner.customer = getattr(world, owner.PAYEE)
        # The payer gets its money across the border, and pays a little back: both directions have
        # a past.
        world.settle(world.pay(1_000, owner.PAYEE, owner.PAYER, owner.ASSET), owner.customer)
        world.settle(world.pay(10, owner.PAYER, owner.PAYEE, owner.ASSET),
                     getattr(world, owner.PAYER))
        owner.cluster.wait_quiet()
        owner.before = world.balance(owner.PAYEE, owner.ASSET)
        status = node.operator.peer(owner.VICTIM.id)
        node.stop()
        owner.liar = LyingPeer(node, owner.victim)
        first = owner.liar.open()
        assert first.applied == status.sent, (first, status)
        assert not first.resend and not first.halted_code_name, first
        owner.liar.sent, owner.liar.chain = first.applied, first.chain

    def tearDown(self):
        self.liar.close()
        try:
            if self._outcome.success:
                self.victim.stop()
                done = harness.audit(self.victim.ledger, "verify", "--json")
                self.assertEqual(json.loads(done.stdout)["verdict"], "good")
        finally:
            self.AUDITED = False  # the liar's own ledger knows nothing of its lies
            super().tearDown()

    def peer(self):
        return self.victim.operator.peer(self.LIAR.id)

    def honest_payment(self, amount=5):
        return self.liar.payment(self.world.of(self.PAYER, self.ASSET),
                                 self.world.of(self.PAYEE, self.ASSET), self.ASSET, amount)

    def balance(self):
        return self.world.balance(self.PAYEE, self.ASSET)

    def assert_halted(self, code, applied=None):
        """The direction halts, the status names the entry, the audit shows what lies in it."""
        self.liar.report_until(lambda each: each.halted_code_name == code)
        peer = wait_until(lambda: (lambda each: each if each.halted_code_name else None)(
            self.peer()), "halted in the status")
        self.assertEqual(peer.halted_code_name, code)
        self.assertGreater(peer.halt_evidence_seqno, 0)
        if applied is not None:
            self.assertEqual(peer.applied, applied)
        evidence = str(peer.halt_evidence_seqno)
        shown = harness.audit(self.victim.ledger, "dump", "--from", evidence, "--to", evidence)
        self.assertIn(code.lower().replace("_", ""), shown.stdout.lower().replace("_", ""))
        self.assertIn("peer_envelope", shown.stdout)
        # Nothing of it moved money, and new instructions to that peer are refused, not queued.
        self.assertEqual(self.balance(), self.before)
        self.assert_code(self.customer.instruct(
            self.world.pay(1, self.PAYEE, self.PAYER, self.ASSET)), "PEER_HALTED")
        # Local business goes on.
        number = self.world.of(self.PAYEE, self.ASSET)
        colleague = self.world.of({"alice": "anna", "bob": "ben"}[self.PAYEE], self.ASSET)
        self.assert_ok(self.customer.transfer(number, colleague, self.ASSET, 1))
        self.before -= 1
        return peer

    def resume(self):
        operator = self.victim.operator
        outcome = operator.call(operator.admin.ResumePeer,
                                v1.ResumePeerRequest(id=new_id(), peer_node=self.LIAR.id)).outcome
        self.assert_ok(outcome)
        self.assertEqual(self.peer().halted_code_name, "")
        self.assertEqual(self.peer().halt_evidence_seqno, 0)

    def assert_goes_on_after_resuming(self):
        """The honest next message is applied."""
        self.resume()
        payment = self.honest_payment()
        self.liar.say(payment.message())
        wait_until(lambda: self.peer().applied >= self.liar.sent, "applied")
        settled = self.victim.operator.final(v1.Id(value=payment.settlement_id))
        self.assertEqual(settled.status, v1.SETTLEMENT_STATUS_SETTLED, settled)
        self.assertEqual(self.balance(), self.before + 5)


class HonestWords(LyingPeerTest):
    def test_what_this_file_writes_is_what_a_node_would_write(self):
        payment = self.honest_payment()
        self.liar.say(payment.message())
        report = self.liar.report_until(lambda each: each.applied == self.liar.sent)
        self.assertEqual(report.chain, self.liar.chain)
        settled = self.victim.operator.final(v1.Id(value=payment.settlement_id))
        self.assertEqual(settled.status, v1.SETTLEMENT_STATUS_SETTLED)
        self.assertEqual(self.balance(), self.before + 5)

    def test_a_repeated_message_is_ignored(self):
        payment = self.honest_payment()
        self.liar.say(payment.message())
        self.liar.report_until(lambda each: each.applied == self.liar.sent)
        for _ in range(3):
            self.liar.repeat()
            self.assertEqual(self.liar.report().applied, self.liar.sent)
        self.assertEqual(self.peer().halted_code_name, "")
        self.assertEqual(self.balance(), self.before + 5)

    def test_an_unknown_account_is_refused_by_a_decision_and_halts_nothing(self):
        payment = self.honest_payment()
        payment.credit = NOBODY[self.VICTIM]
        self.liar.say(payment.message())
        self.liar.report_until(lambda each: each.applied == self.liar.sent)
        refused = self.victim.operator.final(v1.Id(value=payment.settlement_id))
        self.assertEqual((refused.status, refused.code_name),
                         (v1.SETTLEMENT_STATUS_REFUSED, "CREDIT_ACCOUNT_UNKNOWN"))
        self.assertEqual(self.peer().halted_code_name, "")
        self.assertEqual(self.balance(), self.before)

    def test_what_cannot_be_verified_is_no_evidence_and_closes_the_stream(self):
        good = records.payload(self.LIAR.id, self.VICTIM.id, [self.honest_payment().message()],
                               self.liar.sent + 1, self.liar.chain)
        flipped = bytearray(self.liar.signer.envelope(good))
        flipped[60] ^= 1
        stranger = records.Signer(self.cluster.pki / self.VICTIM.code /
                                  f"signing-{self.VICTIM.suite}.key", self.VICTIM.suite)
        seqno = self.victim.operator.status().durable_seqno
        for what, envelope in (("noise", secrets.token_bytes(200)), ("nothing", b""),
                               ("a flipped byte", bytes(flipped)),
                               ("an unknown key", stranger.envelope(good)),
                               ("a short one", self.liar.signer.envelope(good)[:-8]),
                               ("another's signature", self.liar.signer.envelope(
                                   good, self.liar.signer.sign(b"another")))):
            with self.subTest(what):
                self.liar.send_bytes(envelope)
                with self.assertRaises(grpc.RpcError) as raised:
                    while True:
                        self.liar.report()
                self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT,
                                 refusal_of(raised.exception))
                self.liar.close()
                again = self.liar.open()
                self.assertEqual((again.applied, again.halted_code_name), (self.liar.sent, ""))
        self.assertEqual(self.victim.operator.status().durable_seqno, seqno)


class Lies(LyingPeerTest):
    def test_a_gap_in_the_sequence(self):
        self.liar.say(self.honest_payment().message(), first=self.liar.sent + 2,
                      chain=self.liar.chain)
        self.assert_halted("CHANNEL_GAP", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_a_wrong_chain_hash(self):
        self.liar.say(self.honest_payment().message(), first=self.liar.sent + 1,
                      chain=secrets.token_bytes(32))
        self.assert_halted("CHANNEL_HASH", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_two_messages_in_one_place(self):
        first = self.honest_payment()
        first.credit = NOBODY[self.VICTIM]
        self.liar.say(first.message())
        self.liar.report_until(lambda each: each.applied == self.liar.sent)
        _, before = self.liar.newest
        self.liar.say(self.honest_payment(7).message(), first=self.liar.sent, chain=before)
        self.assert_halted("CHANNEL_HASH", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_more_than_the_mirror_account_holds(self):
        self.liar.say(self.honest_payment(10**9).message(), first=self.liar.sent + 1,
                      chain=self.liar.chain)
        self.assert_halted("CORRIDOR_EXCEEDED", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_a_known_settlement_instructed_again(self):
        payment = self.honest_payment()
        payment.credit = NOBODY[self.VICTIM]
        self.liar.say(payment.message())
        self.liar.report_until(lambda each: each.applied == self.liar.sent)
        self.liar.say(payment.message(), first=self.liar.sent + 1, chain=self.liar.chain)
        self.assert_halted("INSTRUCTION_REPEATED", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_a_decision_about_nothing(self):
        self.liar.say(records.decision(secrets.token_bytes(16), 0, 1), first=self.liar.sent + 1,
                      chain=self.liar.chain)
        self.assert_halted("DECISION_UNKNOWN", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_an_acknowledgement_of_what_was_never_sent(self):
        self.liar.say(self.honest_payment().message(), first=self.liar.sent + 1,
                      chain=self.liar.chain, acknowledged=10**6)
        self.assert_halted("ACK_AHEAD", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_a_payload_from_or_for_somebody_else(self):
        self.liar.say(self.honest_payment().message(), first=self.liar.sent + 1,
                      chain=self.liar.chain, sender=7)
        self.assert_halted("WRONG_ADDRESSEE", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_an_unknown_kind_of_message_and_a_malformed_one(self):
        self.liar.say(records.message(99, b"12345678"), first=self.liar.sent + 1,
                      chain=self.liar.chain)
        self.assert_halted("MESSAGE_UNKNOWN", applied=self.liar.sent)
        self.resume()
        self.liar.say(records.message(records.INSTRUCT, b"short"), first=self.liar.sent + 1,
                      chain=self.liar.chain)
        self.assert_halted("PAYLOAD_MALFORMED", applied=self.liar.sent)
        self.resume()
        self.liar.send_bytes(self.liar.signer.envelope(b"signed, and nothing that we know"))
        self.assert_halted("PAYLOAD_MALFORMED", applied=self.liar.sent)
        self.assert_goes_on_after_resuming()

    def test_a_halt_outlives_a_restart(self):
        self.liar.say(self.honest_payment().message(), first=self.liar.sent + 1,
                      chain=secrets.token_bytes(32))
        peer = self.assert_halted("CHANNEL_HASH", applied=self.liar.sent)
        self.liar.close()
        self.victim.process.kill()
        self.victim.start()
        again = self.peer()
        self.assertEqual((again.halted_code_name, again.halt_evidence_seqno),
                         (peer.halted_code_name, peer.halt_evidence_seqno))
        self.assertEqual(self.liar.open().halted_code_name, "CHANNEL_HASH")
        self.assert_goes_on_after_resuming()


class LiesUnderSm2(Lies):
    """The same in the other direction: Shanghai lies, with SM2 signatures."""
    LIAR, VICTIM = SHANGHAI, HONGKONG
    PAYER, PAYEE, ASSET = "alice", "bob", HKD

    # Only what depends on the suite or the side; the rest is the same code.
    test_a_known_settlement_instructed_again = None
    test_an_unknown_kind_of_message_and_a_malformed_one = None
    test_a_payload_from_or_for_somebody_else = None
    test_an_acknowledgement_of_what_was_never_sent = None
    test_a_decision_about_nothing = None
    test_two_messages_in_one_place = None


class OpenSslAgrees(harness.ClusterTest):
    def test_envelopes_of_both_suites_verify_with_openssl(self):
        """What each node signed and the other keeps as evidence, checked by OpenSSL alone."""
        world = World(self.cluster)
        world.settle(world.pay(100))
        world.settle(world.pay(1, "bob", "alice"), world.bob)
        self.cluster.wait_quiet()
        for keeper, author in ((SHANGHAI, HONGKONG), (HONGKONG, SHANGHAI)):
            ledger = self.cluster[keeper].ledger
            raw = b"".join(path.read_bytes() for path in sorted(ledger.glob("*.log")))
            found = self.envelopes(raw)
            self.assertGreater(len(found), 0, f"{keeper.code} keeps no envelope")
            public = self.cluster.pki / author.code / f"signing-{author.suite}.pub.pem"
            for suite, payload, signature in found[:4]:
                self.assertEqual(suite, records.SUITES[author.suite])
                self.verify(public, author.suite, payload, signature)
                with self.assertRaises(subprocess.CalledProcessError):
                    self.verify(public, author.suite, payload + b"x", signature)

    @staticmethod
    def envelopes(raw):
        found, at = [], 0
        while (at := raw.find(b"HGEV\x01\x00", at)) >= 0:
            _, _, suite, _, _, size, signed = records.ENVELOPE_HEAD.unpack_from(raw, at)
            start = at + records.ENVELOPE_HEAD.size
            payload = raw[start:start + size]
            # A log block of 32 KiB may cut an envelope: only whole ones are looked at.
            if at // 32_768 == (start + size + signed) // 32_768:
                found.append((suite, payload, raw[start + size:start + size + signed]))
            at = start
        return found

    @staticmethod
    def verify(public, suite, payload, signature):
        with tempfile.NamedTemporaryFile() as data, tempfile.NamedTemporaryFile() as proof:
            data.write(records.CONTEXT + payload)
            data.flush()
            proof.write(signature)
            proof.flush()
            command = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public), "-in",
                       data.name, "-sigfile", proof.name]
            if suite == "sm2":
                command += ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
            records.Signer.openssl(*command)


if __name__ == "__main__":
    unittest.main()
