"""What a disk and a careless hand can do to a ledger: refused with a sentence, or recovered without
losing what was answered."""

import secrets
import shutil
import subprocess
import tempfile
import threading
import unittest

import grpc

import cities
import harness
import write_ahead_log
from caller import new_id, refusal_of
from cities import CNY, HONGKONG, SHANGHAI
from contract import v1
from process import Died, free_port
from records import packed_transfer
from waiting import wait_until

RICH = 10**12
BATCH = 8_190


class OneNode(harness.ClusterTest):
    """Shanghai alone; its peer is configured, and away."""
    STARTED = AUDITED = False

    def setUp(self):
        super().setUp()
        self.node = self.cluster[SHANGHAI]
        self.start()

    def start(self):
        self.node.start()
        self.alice, self.operator = self.node.by("ALICE"), self.node.operator

    def tearDown(self):
        if self._outcome.success and self.node.process.is_running():
            books = self.operator.all_accounts()
            self.node.stop()
            harness.audit(self.node.ledger, "verify")
            harness.audit(self.node.ledger, "replay")
            harness.check_balances(self.node.ledger, books)
        super().tearDown()

    def fund(self):
        self.cny = self.alice.open_account(CNY)
        self.other = self.node.by("ANNA").open_account(CNY)
        self.operator.issue(CNY, self.cny, RICH)

    def pay(self, amount, **fields):
        return self.assert_ok(self.alice.transfer(self.cny, self.other, CNY, amount, **fields))

    def logs(self):
        return sorted(self.node.ledger.glob("*.log"))

    def assert_start_fails(self, code, *words):
        with self.assertRaises(Died) as raised:
            self.node.start()
        self.assertEqual(raised.exception.code, code, raised.exception.log)
        for word in words:
            self.assertRegex(raised.exception.log, word)
        return raised.exception.log


class WhoseLedger(OneNode):
    def other_config(self, city, ledger):
        """A configuration of `city` on new ports, with that ledger."""
        folder = harness.temporary_folder("second")
        layout = cities.Layout(city, folder, free_port(), free_port(),
                               self.cluster.layouts[city.code].signing_keys, ledger=ledger)
        layouts = {**self.cluster.layouts, city.code: layout}
        node = harness.Node(layout, self.cluster.pki)
        node.config.write_text(cities.configuration(layout, layouts, self.cluster.pki),
                               encoding="utf-8")
        return node

    def test_a_second_process_is_refused_and_the_first_goes_on(self):
        self.fund()
        second = self.other_config(SHANGHAI, self.node.ledger)
        second.process.spawn()
        self.assertEqual(second.process.wait_end(), 73)
        log = second.process.log_of_this_life()
        self.assertIn(str(self.node.ledger), log)
        self.assertRegex(log, "in use|another process")
        self.pay(5)

    def test_the_ledger_of_another_node_is_refused(self):
        self.node.stop()
        other = self.other_config(HONGKONG, self.node.ledger)
        other.process.spawn()
        self.assertEqual(other.process.wait_end(), 65)
        self.assertRegex(other.process.log_of_this_life(), "node 1")
        self.node.start()

    def test_a_taken_port_is_said_so(self):
        second = self.other_config(SHANGHAI, None)
        text = second.config.read_text(encoding="utf-8").replace(
            str(second.layout.grpc_port), str(self.node.layout.grpc_port))
        second.config.write_text(text, encoding="utf-8")
        second.process.spawn()
        self.assertNotEqual(second.process.wait_end(), 0)
        self.assertIn(str(self.node.layout.grpc_port), second.process.log_of_this_life())

    def test_a_directory_of_a_newer_format_is_refused_unchanged(self):
        self.node.process.kill()
        log = self.logs()[0]
        data = log.read_bytes()
        newer = write_ahead_log.forge(data, b"\x06format\x04\x01\x00\x00\x00",
                                      b"\x06format\x04\x02\x00\x00\x00")
        log.write_bytes(newer)
        self.assert_start_fails(73, "format 2", "[Uu]pgrade")
        self.assertEqual(log.read_bytes(), newer)
        log.write_bytes(data)
        self.node.start()

    def test_a_directory_of_something_else_is_refused(self):
        self.node.stop()
        shutil.rmtree(self.node.ledger)
        self.node.ledger.mkdir()
        (self.node.ledger / "letters.txt").write_text("Dear diary\n")
        self.assert_start_fails(73, "letters.txt")
        (self.node.ledger / "letters.txt").unlink()
        self.node.start()


class TornAndDamaged(OneNode):
    def killed_after_payments(self, count=20):
        self.fund()
        ids = [new_id() for _ in range(count)]
        for number, transfer_id in enumerate(ids, 1):
            self.pay(number, id=transfer_id)
        self.node.process.kill()
        return ids

    def test_a_torn_tail_is_cut_at_the_last_complete_entry(self):
        for torn in (1, 20, 100):
            with self.subTest(torn):
                if not self.node.process.is_running():
                    self.start()
                ids = self.killed_after_payments(3)
                log = self.logs()[-1]
                log.write_bytes(log.read_bytes().rstrip(b"\0")[:-torn])
                if torn == 1:
                    # The note of what was durable is there: this is loss, and not a torn write.
                    self.assert_start_fails(73, r"entry \d+ had been durable")
                (self.node.ledger / "durable-note").unlink()  # as if the power had failed
                self.start()
                self.assertRegex(self.node.process.log_of_this_life(), "cut off")
                self.assertEqual(self.node.by("ANNA").balance(self.other), 1 + 2)
                # The torn one is unknown again, so its retry pays; the others repeat.
                self.assertTrue(self.pay(2, id=ids[1]).repeated)
                self.assertFalse(self.pay(3, id=ids[2]).repeated)
                self.assertEqual(self.node.by("ANNA").balance(self.other), 6)

    def test_noise_behind_the_last_entry_is_cut(self):
        ids = self.killed_after_payments()
        log = self.logs()[-1]
        with open(log, "ab") as file:
            file.write(b"\x5a" * 500)
        self.start()
        for number, transfer_id in enumerate(ids, 1):
            self.assertTrue(self.pay(number, id=transfer_id).repeated)
        self.assertEqual(self.node.by("ANNA").balance(self.other), sum(range(1, 21)))

    def test_damage_in_the_middle_is_refused_and_the_entry_named(self):
        ids = self.killed_after_payments()
        log = self.logs()[-1]
        data = log.read_bytes()
        place = data.index(ids[9].value[::-1])  # the record of the tenth payment
        broken = bytearray(data)
        broken[place + 70] ^= 0x10
        log.write_bytes(bytes(broken))
        log_text = self.assert_start_fails(73, r"entry \d+")
        done = harness.audit(self.node.ledger, "verify", is_good=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        # Program and auditor name the same entry: the one that held the tenth payment.
        log.write_bytes(data)
        self.start()
        entry = self.alice.call(self.alice.transfers.Submit, v1.SubmitRequest(
            transfer=v1.Transfer(id=ids[9], debit_account=self.cny, credit_account=self.other,
                                 asset=CNY.id, amount_minor=10))).outcome
        self.assertTrue(entry.repeated)
        shown = harness.audit(self.node.ledger, "dump").stdout
        where = [line for line in shown.splitlines() if line.startswith("entry ")]
        self.assertGreater(len(where), 10)
        name = next(line.split()[1].rstrip(":,") for line, text in self.entries(shown)
                    if f"{ids[9].value.hex()}" in text.replace("-", ""))
        self.assertRegex(log_text, rf"entry {name}\b")
        self.assertRegex(done.stdout + done.stderr, rf"entry:? +{name}\b")

    @staticmethod
    def entries(shown):
        """(head line, whole text) of each entry in a dump."""
        head, text = None, []
        for line in shown.splitlines():
            if line.startswith("entry "):
                if head is not None:
                    yield head, "\n".join(text)
                head, text = line, []
            text.append(line)
        if head is not None:
            yield head, "\n".join(text)


class KilledUnderLoad(OneNode):
    def test_everything_that_was_answered_is_there(self):
        self.fund()
        answered, size = [], 500

        def requests():
            while True:
                ids = [new_id() for _ in range(size)]
                sent.append(ids)
                yield v1.SubmitStreamRequest(batch=v1.SubmitBatchRequest(transfers=[
                    v1.Transfer(id=each, debit_account=self.cny, credit_account=self.other,
                                asset=CNY.id, amount_minor=1) for each in ids]))
        for _ in range(2):
            sent, count = [], len(answered)

            def load():
                try:
                    for number, answer in enumerate(
                            self.alice.transfers.SubmitStream(requests(), timeout=60)):
                        self.assertEqual(answer.accepted.accepted_count, size)
                        answered.append(sent[number])
                except grpc.RpcError as error:
                    self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
            loader = threading.Thread(target=load)
            loader.start()
            wait_until(lambda: len(answered) > count + 10, "some batches answered")
            self.node.process.kill()
            loader.join()
            self.start()
        balance = self.node.by("ANNA").balance(self.other)
        self.assertEqual(balance % size, 0)
        self.assertGreaterEqual(balance, len(answered) * size)
        for ids in answered[::5]:
            found = self.alice.call(self.alice.transfers.GetTransfer,
                                    v1.GetTransferRequest(id=ids[-1]))
            self.assertTrue(found.found)
            self.assertEqual(found.outcome.code_name, "OK")


class FullDisk(OneNode):
    SIZE = 384 << 20

    def setUp(self):
        mount = tempfile.mkdtemp(prefix="hugang-small-disk-")
        done = harness.run("mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tmpfs", mount)
        if done.returncode != 0:
            shutil.rmtree(mount)
            self.skipTest(f"a small file system cannot be mounted: {done.stderr.strip()}")
        self.addCleanup(self.unmount, mount)
        self.mount = mount
        self.OPTIONS = {"ledgers": {SHANGHAI.code: harness.pathlib.Path(mount) / "ledger"}}
        super().setUp()

    @staticmethod
    def unmount(mount):
        subprocess.run(["umount", "-l", mount], check=False)
        shutil.rmtree(mount, ignore_errors=True)

    def test_the_node_stops_and_recovers_when_there_is_space(self):
        self.fund()
        # RocksDB's own log would end the process by an assertion once it cannot be written.
        self.assertEqual(list(self.node.ledger.glob("LOG*")), [])
        ballast = harness.pathlib.Path(self.mount) / "ballast"
        free = shutil.disk_usage(self.mount).free
        with open(ballast, "wb") as file:
            file.write(bytes(max(0, free - (1 << 20))))
        answered = []

        def pay_on():
            """False once the node is gone."""
            request = v1.SubmitBatchRequest(packed_transfers=b"".join(
                packed_transfer(secrets.token_bytes(16), self.cny, self.other, CNY, 1)
                for _ in range(BATCH)))
            try:
                answer = self.alice.transfers.SubmitBatch(request, timeout=10)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE, refusal_of(error))
                return False
            self.assertEqual(answer.accepted_count, BATCH)
            answered.append(request)
            return True
        wait_until(lambda: not pay_on(), "stopped by the full disk")
        self.assertEqual(self.node.process.wait_end(), 74)
        self.assertRegex(self.node.process.log_of_this_life(), "[Ss]pace|[Dd]isk")
        ballast.unlink()
        self.start()
        for request in answered[-5:]:
            again = self.alice.call(self.alice.transfers.SubmitBatch, request)
            self.assertTrue(all(each.outcome.repeated for each in again.exceptions))
            self.assertEqual(len(again.exceptions), BATCH)
        balance = self.node.by("ANNA").balance(self.other)
        # The batch that was under way when the disk was full may be there, or not.
        self.assertIn(balance - BATCH * len(answered), (0, BATCH))
        self.pay(7)


if __name__ == "__main__":
    unittest.main()
