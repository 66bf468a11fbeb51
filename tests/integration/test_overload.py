"""Callers who lose patience, and more work than a node takes: refused, in bounded memory."""

import concurrent.futures
import time
import unittest

import grpc

import harness
import raw_bytes
from caller import new_id, refusal_of
from cities import CNY, SHANGHAI
from contract import v1
from process import quick_options
from records import packed_transfer
from world import World


class PatienceOfCallers(harness.ClusterTest):
    SHARED = True

    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)

    def undecided(self):
        """A settlement that waits for Bob, who says nothing."""
        request = self.world.pvp(10, 1)
        self.assert_ok(self.world.alice.instruct(request))
        return request.id

    def give_up(self, settlement_id):
        self.assert_ok(self.world.alice.recall(settlement_id))
        self.world.both_ends(settlement_id)

    def test_a_wait_ends_with_its_time_its_deadline_or_its_caller(self):
        alice = self.world.alice
        settlement_id = self.undecided()
        began = time.monotonic()
        answer = alice.settlement(settlement_id, wait_ms=300)
        self.assertEqual(answer.status, v1.SETTLEMENT_STATUS_SENT)
        self.assertGreaterEqual(time.monotonic() - began, 0.29)

        request = v1.GetSettlementRequest(id=settlement_id, wait_ms=50_000)
        with self.assertRaises(grpc.RpcError) as raised:
            alice.settlements.GetSettlement(request, timeout=0.3)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

        waits = [alice.settlements.GetSettlement.future(request) for _ in range(20)]
        for wait in waits[:10]:
            wait.cancel()
        for wait in waits[:10]:
            self.assertTrue(wait.cancelled())
        self.give_up(settlement_id)
        for wait in waits[10:]:
            self.assertEqual(wait.result(timeout=30).settlement.code_name, "RECALLED")

    def test_a_deadline_that_is_over_leaves_no_doubt_after_a_retry(self):
        world, alice = self.world, self.world.alice
        before = world.balance("anna", CNY)
        paid = 0
        for micro in (1, 50, 200, 1_000, 5_000):
            transfer = v1.Transfer(id=new_id(), debit_account=world.of("alice", CNY),
                                   credit_account=world.of("anna", CNY), asset=CNY.id,
                                   amount_minor=1)
            request = v1.SubmitRequest(transfer=transfer)
            try:
                alice.transfers.Submit(request, timeout=micro / 1e6)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
            self.assert_ok(alice.call(alice.transfers.Submit, request).outcome)
            paid += 1
        self.assertEqual(world.balance("anna", CNY), before + paid)


class Overload(harness.ClusterTest):
    OPTIONS = {"queue": {"commands": 16_383, "mib": 8, "reads": 2}}
    THREADS = 12
    ROUNDS = 8

    @staticmethod
    def prepare(owner):
        owner.world = World(owner.cluster)

    def test_a_full_queue_says_so_and_memory_stays_bounded(self):
        world, shanghai = self.world, self.cluster[SHANGHAI]
        before = shanghai.process.resident_bytes()
        ids = [(thread << 32 | i).to_bytes(16, "big") for thread in range(1, self.THREADS + 1)
               for i in range(8_190)]
        peak = before

        def flood(thread):
            part = ids[thread * 8_190:(thread + 1) * 8_190]
            data = raw_bytes.field(2, b"".join(
                packed_transfer(each, world.of("alice", CNY), world.of("anna", CNY), CNY, 1)
                for each in part))
            channel = shanghai.by("ALICE").channel if thread == 0 else grpc.secure_channel(
                shanghai.address, shanghai.credentials("ALICE"), quick_options())
            submit = channel.unary_unary("/hugang.v1.TransferService/SubmitBatch")
            done, overloads, rest = 0, [], []
            for _ in range(self.ROUNDS):
                futures = [submit.future(data, timeout=60) for _ in range(3)]
                for future in futures:
                    if future.exception() is None:
                        done += 1
                        continue
                    refusal = refusal_of(future.exception())
                    (overloads if refusal.reason == "OVERLOADED" else rest).append(refusal)
            return done, overloads, rest
        with concurrent.futures.ThreadPoolExecutor(self.THREADS) as pool:
            running = [pool.submit(flood, thread) for thread in range(self.THREADS)]
            while not all(each.done() for each in running):
                peak = max(peak, shanghai.process.resident_bytes())
                concurrent.futures.wait(running, timeout=0.05)
            results = [each.result() for each in running]
        done = sum(result[0] for result in results)
        overloads = [refusal for result in results for refusal in result[1]]
        self.assertEqual([refusal for result in results for refusal in result[2]], [])
        self.assertGreater(done, 0)
        self.assertGreater(len(overloads), 0, f"{done} batches, none was too much")
        self.assertTrue(all(refusal.code == grpc.StatusCode.RESOURCE_EXHAUSTED and
                            int(refusal.metadata["retry_after_ms"]) > 0 for refusal in overloads))
        print(f"{done} batches taken, {len(overloads)} refused, resident "
              f"{before >> 20} MiB before, {peak >> 20} MiB at most", flush=True)
        self.assertLess(peak - before, 512 << 20)
        # Every id was paid once at most, and afterwards all is as usual.
        self.assertEqual(raw_bytes.health(shanghai.operator.channel), 1)
        self.assertLessEqual(world.balance("anna", CNY), len(ids))
        world.settle(world.pay(1))


if __name__ == "__main__":
    unittest.main()
