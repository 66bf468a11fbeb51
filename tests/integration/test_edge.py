"""The gRPC edge from outside: who gets in, what may be asked, and what a bad request is told."""

import threading
import time
import unittest
from types import SimpleNamespace

import grpc

import bad_requests
import harness
import raw_bytes
from caller import Caller, new_id, payment, leg, refusal_of
from cities import CNY, HKD, HONGKONG, SHANGHAI, XAU
from contract import v1
from process import quick_options
from records import packed_transfer
from waiting import wait_until
from world import World

# Written down apart from the server's own table: o operator, p participant, r regulator, m monitor.
ACCESS = {
    "TransferService": {"Submit": "op", "SubmitBatch": "op", "GetTransfer": "opr",
                        "ListTransfers": "opr"},
    "AccountService": {"OpenAccount": "op", "GetAccount": "opr", "ListAccounts": "opr",
                       "ListAssets": "opr"},
    "SettlementService": {"Instruct": "op", "Affirm": "op", "Recall": "op",
                          "GetSettlement": "opr", "ListSettlements": "opr"},
    "PositionService": {"ListPositions": "or", "Reconcile": "o", "GetReconciliation": "or"},
    "AdminService": {"RegisterParticipant": "o", "UpdateParticipant": "o",
                     "ListParticipants": "or", "RegisterAsset": "o", "UpdateAccount": "o",
                     "RegisterPeer": "o", "RotateKey": "o", "ResumePeer": "o", "SetRules": "o",
                     "GetNodeStatus": "orm"},
}
IDENTITIES = {"o": "operator", "p": "ALICE", "r": "regulator", "m": "monitor"}
# What a bad request may be answered; anything else is a fault of the server.
HONEST = (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND,
          grpc.StatusCode.FAILED_PRECONDITION)


class EdgeTest(harness.ClusterTest):
    SHARED = True

    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)
        owner.shanghai = owner.cluster[SHANGHAI]

    def still_serves(self):
        self.assertEqual(raw_bytes.health(self.shanghai.operator.channel), 1)
        self.assertGreater(self.world.balance("alice", CNY), 0)


class WhoGetsIn(EdgeTest):
    def knock(self, root, stem):
        """A call with this certificate: None when it was answered, else the refusal."""
        caller = Caller(self.shanghai.address, harness.credentials(root, stem), str(stem))
        try:
            caller.accounts.ListAssets(v1.ListAssetsRequest(), timeout=10)
        except grpc.RpcError as error:
            return refusal_of(error)
        finally:
            caller.close()
        return None

    def assert_kept_out(self, root, stem):
        """By TLS itself: no call of any kind comes through."""
        refusal = self.knock(root, stem)
        self.assertIsNotNone(refusal, f"{stem} got in")
        self.assertEqual(refusal.code, grpc.StatusCode.UNAVAILABLE, refusal)
        self.assertEqual(refusal.reason, "", refusal)

    def test_own_participant_is_answered(self):
        pki = self.cluster.pki
        self.assertIsNone(self.knock(pki / "shanghai/ca.pem", pki / "shanghai/clients/ALICE"))

    def test_unknown_authority_expired_and_forged_certificates_fail_the_handshake(self):
        pki = self.cluster.pki
        for stem in ("unknown-ca/shanghai-ALICE", "expired/shanghai-ALICE",
                     "forged/hongkong-as-shanghai-ALICE"):
            with self.subTest(stem):
                self.assert_kept_out(pki / "shanghai/ca.pem", pki / "bad" / stem)
        self.still_serves()

    def test_no_certificate_at_all_fails_the_handshake(self):
        root = (self.cluster.pki / "shanghai/ca.pem").read_bytes()
        caller = Caller(self.shanghai.address, grpc.ssl_channel_credentials(root), "nobody")
        with self.assertRaises(grpc.RpcError) as raised:
            caller.accounts.ListAssets(v1.ListAssetsRequest(), timeout=10)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE)
        caller.close()

    def test_plain_text_is_not_spoken(self):
        with grpc.insecure_channel(self.shanghai.address, quick_options()) as channel:
            answer = raw_bytes.call_raw(channel, "/hugang.v1.AccountService/ListAssets", b"", 1)
        self.assertIn(answer.code(), (grpc.StatusCode.UNAVAILABLE,
                                      grpc.StatusCode.DEADLINE_EXCEEDED))

    def test_good_certificates_of_nobody_are_told_why(self):
        pki = self.cluster.pki
        for city, stem, reason in (
                ("shanghai", "bad/nameless/shanghai-ALICE", "IDENTITY_MISSING"),
                ("shanghai", "shanghai/clients/STRANGER", "IDENTITY_UNKNOWN"),
                ("shanghai", "hongkong/clients/BOB", "IDENTITY_FOREIGN"),
                ("shanghai", "hongkong/clients/operator", "IDENTITY_FOREIGN")):
            with self.subTest(stem):
                refusal = self.knock(pki / city / "ca.pem", pki / stem)
                self.assertIsNotNone(refusal, "it got in")
                self.assertEqual(refusal.code, grpc.StatusCode.UNAUTHENTICATED, refusal)
                self.assertEqual((refusal.domain, refusal.reason), ("hugang", reason))
                self.assertNotEqual(refusal.message, "")

    def test_a_node_certificate_is_no_client_and_a_client_is_no_node(self):
        pki = self.cluster.pki
        for node in ("hongkong", "shanghai"):
            refusal = self.knock(pki / "shanghai/ca.pem", pki / node / "node")
            self.assertIsNotNone(refusal, f"the certificate of node {node} got in as a client")
            self.assertIn(refusal.code, (grpc.StatusCode.UNAUTHENTICATED,
                                         grpc.StatusCode.PERMISSION_DENIED), refusal)
        for code in ("ALICE", "operator", "regulator"):
            link = v1.PeerServiceStub(self.shanghai.by(code).channel).Link(iter(()), timeout=10)
            with self.assertRaises(grpc.RpcError) as raised:
                next(iter(link))
            self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED, code)

    def test_access_cell_by_cell(self):
        for letter, code in IDENTITIES.items():
            channel = self.shanghai.by(code).channel
            for service, methods in ACCESS.items():
                for method, letters in methods.items():
                    answer = raw_bytes.call_raw(channel, f"/hugang.v1.{service}/{method}", b"")
                    refusal = refusal_of(answer) if isinstance(answer, grpc.RpcError) else None
                    is_refused = refusal is not None and refusal.reason == "METHOD_NOT_PERMITTED"
                    with self.subTest(f"{code} calls {method}"):
                        self.assertEqual(is_refused, letter not in letters, refusal)
                        if is_refused:
                            self.assertEqual(refusal.code, grpc.StatusCode.PERMISSION_DENIED)

    def test_suspended_participant_is_shut_out_until_reinstated(self):
        operator = self.shanghai.operator
        listed = operator.call(operator.admin.ListParticipants, v1.ListParticipantsRequest())
        anna = next(each.id for each in listed.participants if each.code == "ANNA")

        def suspend(wish):
            return operator.call(operator.admin.UpdateParticipant, v1.UpdateParticipantRequest(
                id=new_id(), participant_id=anna, suspend=wish)).outcome
        self.assert_ok(suspend(True))
        refusal = self.world.anna.refused(self.world.anna.accounts.ListAssets,
                                          v1.ListAssetsRequest())
        self.assertEqual(refusal.reason, "PARTICIPANT_SUSPENDED")
        self.assert_ok(suspend(False))
        self.assertEqual(self.world.balance("anna", CNY), 0)

    def test_participants_see_and_debit_their_own_accounts_only(self):
        world = self.world
        refusal = world.anna.refused(world.anna.accounts.GetAccount,
                                     v1.GetAccountRequest(number=world.of("alice", CNY)))
        self.assertEqual((refusal.code, refusal.reason),
                         (grpc.StatusCode.NOT_FOUND, "NOT_FOUND"))
        self.assertTrue(all(account.owner_code == "ANNA" for account in world.anna.all_accounts()))
        outcome = world.anna.transfer(world.of("alice", CNY), world.of("anna", CNY), CNY, 1)
        self.assert_code(outcome, "NOT_OWNER")
        outcome = world.anna.instruct(payment(HONGKONG, leg(
            world.of("alice", CNY), world.of("bob", CNY), CNY, 1)))
        self.assert_code(outcome, "NOT_OWNER")
        settled, _ = world.settle(world.pay(5))
        refusal = world.anna.refused(world.anna.settlements.GetSettlement,
                                     v1.GetSettlementRequest(id=settled.id))
        self.assertEqual(refusal.reason, "NOT_FOUND")


class WhatIsOffered(EdgeTest):
    def test_health_is_served_for_the_node_and_each_service(self):
        channel = self.shanghai.by("monitor").channel
        for service in ("", *(f"hugang.v1.{name}" for name in ACCESS)):
            self.assertEqual(raw_bytes.health(channel, service), 1, service)
        with self.assertRaises(grpc.RpcError) as raised:
            raw_bytes.health(channel, "hugang.v1.NoSuchService")
        self.assertEqual(raised.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_reflection_lists_every_service(self):
        listed = set(raw_bytes.reflected_services(self.world.alice.channel))
        self.assertLessEqual({f"hugang.v1.{name}" for name in (*ACCESS, "PeerService")}, listed)
        self.assertIn("grpc.health.v1.Health", listed)

    def test_an_unknown_method_is_unimplemented(self):
        for path in ("/hugang.v1.TransferService/Destroy", "/hugang.v2.TransferService/Submit"):
            answer = raw_bytes.call_raw(self.world.alice.channel, path, b"")
            self.assertIsInstance(answer, grpc.RpcError)
            self.assertEqual(answer.code(), grpc.StatusCode.UNIMPLEMENTED)


class MalformedRequests(EdgeTest):
    @staticmethod
    def prepare(owner):
        EdgeTest.prepare(owner)
        operator = owner.shanghai.operator
        registered = operator.call(
            operator.admin.RegisterParticipant, v1.RegisterParticipantRequest(
                id=new_id(), participant=v1.Participant(
                    code="SCRATCH", roles=[v1.ROLE_PARTICIPANT], name="Scratch"))).outcome
        scratch = SimpleNamespace(participant=registered.value,
                                  account=operator.open_account(CNY, owner=registered.value))
        key = bad_requests.public_key_der(
            owner.cluster.pki / "hongkong" / "signing-ed25519.pub.pem")
        owner.requests = bad_requests.good_requests(owner.world, scratch, key)

    def test_the_list_of_requests_is_complete(self):
        methods = {f"/hugang.v1.{service}/{method}"
                   for service, methods in ACCESS.items() for method in methods}
        self.assertEqual(methods, set(self.requests))

    def test_every_field_of_every_request(self):
        count = 0
        for path, (make, caller) in self.requests.items():
            for what, data in bad_requests.mutations(make):
                answer = raw_bytes.call_raw(caller.channel, path, data)
                count += 1
                if not isinstance(answer, grpc.RpcError):
                    continue  # harmless, or refused by the ledger in an outcome
                with self.subTest(f"{path}: {what}"):
                    refusal = refusal_of(answer)
                    self.assertIn(refusal.code, HONEST, refusal)
                    self.assertEqual(refusal.domain, "hugang", refusal)
                    self.assertRegex(refusal.reason, "^[A-Z_]+$")
                    self.assertNotEqual(refusal.message, "")
                    self.assertNotIn("zzzzzzzz", refusal.message.lower(), "echoes what it got")
            self.still_serves()
        self.assertGreater(count, 400)

    def test_bytes_that_are_no_message(self):
        for path, (_, caller) in self.requests.items():
            for data in (b"\xff" * 20, b"\x0a\xff\xff\xff\xff\x0f", b"\x0a\x05abc"):
                answer = raw_bytes.call_raw(caller.channel, path, data)
                with self.subTest(f"{path} {data!r}"):
                    self.assertIsInstance(answer, grpc.RpcError)
                    self.assertEqual(refusal_of(answer).reason, "MESSAGE_MALFORMED")

    def test_more_than_4_mb_is_refused_before_it_is_read(self):
        for path, (_, caller) in self.requests.items():
            answer = raw_bytes.call_raw(caller.channel, path, bytes(5 << 20))
            self.assertIsInstance(answer, grpc.RpcError)
            self.assertEqual(answer.code(), grpc.StatusCode.RESOURCE_EXHAUSTED, path)
        self.still_serves()

    def test_the_reasons_that_clients_rely_on(self):
        world, alice = self.world, self.world.alice
        good = self.requests["/hugang.v1.TransferService/Submit"][0]

        def told(**fields):
            request = good()
            for name, value in fields.items():
                place = request.transfer
                if isinstance(value, v1.Id):
                    getattr(place, name).CopyFrom(value)
                else:
                    setattr(place, name, value)
            refusal = alice.refused(alice.transfers.Submit, request)
            self.assertEqual(refusal.code, grpc.StatusCode.INVALID_ARGUMENT)
            return refusal.reason, refusal.metadata.get("field")
        self.assertEqual(told(id=v1.Id(value=b"short")), ("ID_MALFORMED", "transfer.id"))
        self.assertEqual(told(id=v1.Id()), ("FIELD_MISSING", "transfer.id"))
        self.assertEqual(told(amount_minor=-1), ("NUMBER_OUT_OF_RANGE", "transfer.amount_minor"))
        self.assertEqual(told(amount_minor=10**17 + 1),
                         ("NUMBER_OUT_OF_RANGE", "transfer.amount_minor"))
        self.assertEqual(told(purpose=70_000), ("NUMBER_OUT_OF_RANGE", "transfer.purpose"))
        self.assertEqual(told(reference=b"x"), ("LENGTH_WRONG", "transfer.reference"))
        self.assertEqual(told(phase=9), ("CHOICE_UNKNOWN", "transfer.phase"))

        def outcome(**fields):
            request = good()
            for name, value in fields.items():
                setattr(request.transfer, name, value)
            return alice.call(alice.transfers.Submit, request).outcome
        self.assert_code(outcome(amount_minor=0), "AMOUNT_ZERO")
        self.assert_code(outcome(asset=HKD.id), "ASSET_MISMATCH")
        self.assert_code(outcome(credit_account=world.of("anna", HKD)), "ASSET_MISMATCH")
        self.assert_code(outcome(debit_account=1), "DEBIT_ACCOUNT_MALFORMED")
        self.assert_code(outcome(credit_account=world.of("bob", CNY)), "CREDIT_ACCOUNT_MALFORMED")
        self.assert_code(outcome(amount_minor=10**17), "INSUFFICIENT_FUNDS")


class BatchesAndStreams(EdgeTest):
    def transfers(self, count, amount=1, **fields):
        return [v1.Transfer(id=new_id(), debit_account=self.world.of("alice", CNY),
                            credit_account=self.world.of("anna", CNY), asset=CNY.id,
                            amount_minor=amount, **fields) for _ in range(count)]

    def submit(self, **fields):
        alice = self.world.alice
        return alice.call(alice.transfers.SubmitBatch, v1.SubmitBatchRequest(**fields))

    def test_a_batch_of_the_largest_size_tells_exceptions_only(self):
        before = self.world.balance("anna", CNY)
        transfers = self.transfers(8_190)
        transfers[5].amount_minor = 0
        transfers[8_189].asset = XAU.id
        answer = self.submit(transfers=transfers)
        self.assertEqual((answer.transfer_count, answer.accepted_count), (8_190, 8_188))
        self.assertEqual([(each.index, each.outcome.code_name) for each in answer.exceptions],
                         [(5, "AMOUNT_ZERO"), (8_189, "ASSET_MISMATCH")])
        self.assertEqual(self.world.balance("anna", CNY), before + 8_188)
        again = self.submit(transfers=transfers)
        self.assertTrue(all(each.outcome.repeated for each in again.exceptions))
        self.assertEqual(len(again.exceptions), 8_190)
        self.assertEqual(self.world.balance("anna", CNY), before + 8_188)

    def test_typed_and_packed_transfers_are_the_same(self):
        typed = self.transfers(1)[0]
        self.submit(transfers=[typed])
        record = packed_transfer(typed.id.value, typed.debit_account, typed.credit_account, CNY, 1)
        answer = self.submit(packed_transfers=record)
        self.assertTrue(answer.exceptions[0].outcome.repeated)
        self.assertEqual(answer.exceptions[0].outcome.code_name, "OK")
        other = packed_transfer(typed.id.value, typed.debit_account, typed.credit_account, CNY, 2)
        answer = self.submit(packed_transfers=other)
        self.assertEqual(answer.exceptions[0].outcome.code_name, "ID_USED_FOR_OTHER_CONTENT")

    def test_a_linked_chain_stands_or_falls_together(self):
        before = self.world.balance("anna", CNY)
        chain = self.transfers(3, amount=10)
        chain[0].linked = chain[1].linked = True
        chain[2].amount_minor = 10**16
        answer = self.submit(transfers=chain)
        self.assertEqual([each.outcome.code_name for each in answer.exceptions],
                         ["LINKED_OTHER_FAILED", "LINKED_OTHER_FAILED", "INSUFFICIENT_FUNDS"])
        self.assertEqual(self.world.balance("anna", CNY), before)

    def test_holds_post_partly_and_void(self):
        world, alice = self.world, self.world.alice
        before = world.balance("alice", CNY)
        hold = new_id()
        self.assert_ok(alice.transfer(world.of("alice", CNY), world.of("anna", CNY), CNY, 500,
                                      id=hold, phase=v1.TRANSFER_PHASE_HOLD))
        account = alice.account(world.of("alice", CNY))
        self.assertEqual(int(account.debits_pending_minor), 500)
        self.assertEqual(int(account.available_minor), before - 500)
        posted = self.assert_ok(alice.transfer(0, 0, CNY, 200, pending_id=hold,
                                               phase=v1.TRANSFER_PHASE_POST))
        self.assertEqual(posted.value, 200)
        self.assertEqual(world.balance("alice", CNY), before - 200)
        state = alice.call(alice.transfers.GetTransfer, v1.GetTransferRequest(id=hold))
        self.assertEqual((state.found, state.hold_state), (True, "HOLD_POSTED"))
        self.assert_code(alice.transfer(0, 0, CNY, 0, pending_id=hold,
                                        phase=v1.TRANSFER_PHASE_VOID), "HOLD_POSTED")

    def test_a_hold_expires_at_its_time(self):
        world, alice = self.world, self.world.alice
        expires = time.time_ns() + 300_000_000
        hold = new_id()
        self.assert_ok(alice.transfer(world.of("alice", CNY), world.of("anna", CNY), CNY, 7,
                                      id=hold, phase=v1.TRANSFER_PHASE_HOLD,
                                      expires_at_ns=expires))
        number = world.of("alice", CNY)
        wait_until(lambda: int(alice.account(number).debits_pending_minor) == 0, "expired")
        self.assertGreaterEqual(time.time_ns(), expires)
        self.assert_code(alice.transfer(0, 0, CNY, 0, pending_id=hold,
                                        phase=v1.TRANSFER_PHASE_POST), "HOLD_EXPIRED")

    def test_batches_that_are_none(self):
        alice = self.world.alice
        for fields, reason in (
                ({}, "FIELD_MISSING"),
                ({"packed_transfers": b"x" * 95}, "LENGTH_WRONG"),
                ({"packed_transfers": b"x" * 96, "transfers": self.transfers(1)},
                 "FIELD_NOT_ALLOWED"),
                ({"transfers": self.transfers(1) * 8_191}, "TOO_MANY"),
                ({"packed_transfers": bytes(96 * 8_191)}, "TOO_MANY")):
            refusal = alice.refused(alice.transfers.SubmitBatch, v1.SubmitBatchRequest(**fields))
            self.assertEqual((refusal.code, refusal.reason),
                             (grpc.StatusCode.INVALID_ARGUMENT, reason))

    def test_a_stream_answers_in_order_and_outlives_a_bad_batch(self):
        before = self.world.balance("anna", CNY)

        def requests():
            for tag in range(40):
                transfers = self.transfers(100)
                if tag == 20:
                    transfers[3].amount_minor = -5
                yield v1.SubmitStreamRequest(
                    tag=1_000 + tag, batch=v1.SubmitBatchRequest(transfers=transfers))
        answers = list(self.world.alice.transfers.SubmitStream(requests(), timeout=60))
        self.assertEqual([answer.tag for answer in answers], list(range(1_000, 1_040)))
        for answer in answers:
            if answer.tag == 1_020:
                self.assertEqual(answer.error.reason, "NUMBER_OUT_OF_RANGE")
                self.assertEqual(answer.error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
            else:
                self.assertEqual(answer.accepted.accepted_count, 100)
        seqnos = [answer.accepted.seqno for answer in answers if answer.tag != 1_020]
        self.assertEqual(seqnos, sorted(seqnos))
        self.assertEqual(self.world.balance("anna", CNY), before + 3_900)

    def test_a_stream_cut_by_its_client_leaves_whole_batches(self):
        before = self.world.balance("anna", CNY)
        sent = threading.Semaphore(0)

        def requests():
            while True:
                yield v1.SubmitStreamRequest(
                    batch=v1.SubmitBatchRequest(transfers=self.transfers(50)))
                sent.release()
        call = self.world.alice.transfers.SubmitStream(requests(), timeout=60)
        next(call)
        sent.acquire()
        call.cancel()
        self.still_serves()
        self.assertEqual((self.world.balance("anna", CNY) - before) % 50, 0)
        self.assertGreaterEqual(self.world.balance("anna", CNY), before + 50)


if __name__ == "__main__":
    unittest.main()
