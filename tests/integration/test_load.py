"""hugang-load against real nodes: every kind of run, and figures that are not flattered when the
server stands still, when the client does, and when somebody presses Ctrl-C."""

import json
import os
import signal
import subprocess
import threading
import time
import unittest

import cities
import harness
from contract import BIN
from waiting import PATIENCE, wait_until

OK, FAILED, USAGE, UNAVAILABLE = range(4)
CLIENT_TOO_SLOW, INTERRUPTED = 7, 130
ACCOUNTS, PAYEES = 500, 20
FUNDS = 1_000_000_000


class Load(harness.ClusterTest):
    """One bank on each side, with accounts: too many to ask the audit for each balance."""
    SHARED = True
    AUDITED = False

    @classmethod
    def tearDownClass(cls):
        try:
            cls.cluster.check_books()
            for node in cls.cluster.nodes.values():
                node.stop()
                harness.audit(node.ledger, "verify")
        except Exception:
            cls.print_logs(cls.cluster)
            raise
        finally:
            super().tearDownClass()

    @staticmethod
    def prepare(owner):
        owner.profiles = owner.cluster.folder / "profiles.toml"
        text = []
        for city in owner.CITIES:
            for code in (*city.participants, "operator"):
                stem = owner.cluster.pki / city.code / "clients" / code
                name = city.code if code == "operator" else code
                text.append(cities.table(
                    f"profile.{name}", address=owner.cluster[city].address,
                    ca=owner.cluster.pki / city.code / "ca.pem", cert=f"{stem}.pem",
                    key=f"{stem}.key"))
        owner.profiles.write_text("\n".join(text), encoding="utf-8")
        owner.accounts_file = owner.cluster.folder / "load.accounts"
        done = owner.load(owner, "prepare", "--operator", "shanghai", "--other", "BOB",
                          "--accounts", ACCOUNTS, "--payees", PAYEES)
        assert done.returncode == OK, done.stdout + done.stderr

    def words(self, command, *words, profile="ALICE", accounts_file=None):
        return [str(word) for word in (
            BIN / "hugang-load", command, "--profiles", self.profiles, "--profile", profile,
            "--accounts-file", accounts_file or self.accounts_file, *words)]

    def load(self, command, *words, **options):
        words = Load.words(self, command, *words, **options)
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=PATIENCE * 10)

    def run_load(self, *words, expected=OK):
        """The record of one run."""
        out = self.cluster.folder / "record.json"
        done = self.load("run", "--accounts", ACCOUNTS, "--lag-max", "5s", "--out", out, *words)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        return json.loads(out.read_text(encoding="utf-8"))

    def begin_load(self, *words):
        """A run in the background and the file of its record."""
        out = self.cluster.folder / "background.json"
        out.unlink(missing_ok=True)
        words = self.words("run", "--accounts", ACCOUNTS, "--out", out, *words)
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        return process, out

    def end(self, process, out, expected):
        told, why = process.communicate(timeout=PATIENCE * 10)
        self.assertEqual(process.returncode, expected, told + why)
        return json.loads(out.read_text(encoding="utf-8"))

    @property
    def shanghai(self):
        return self.cluster[cities.SHANGHAI]

    def ids(self):
        return self.shanghai.operator.status().transfer_id_count

    def kind(self, record, name):
        return next(each for each in record["kinds"] if each["name"] == name)

    def totals(self, record):
        return {each["name"]: each for each in record["kinds"]}


class EveryKind(Load):
    BRIEF = ("--duration", "2s", "--warm-up", "0s")

    def check_all_answered(self, record):
        self.assertEqual(record["ending"], "complete", record.get("ending_sentence"))
        for kind in record["kinds"]:
            self.assertGreater(kind["requests_completed"], 0, kind["name"])
            self.assertEqual(kind["requests_completed"], kind["requests_offered"], kind["name"])
            self.assertFalse(kind["errors"], kind["name"])
        for name in ("requests_completed",):
            by_second = sum(each["completed"] for each in record["seconds"])
            self.assertEqual(by_second, sum(kind[name] for kind in record["kinds"]))

    def test_streams_in_both_encodings_and_orders_of_ids(self):
        for words in ((), ("--typed",), ("--ids", "random", "--hot", "10:90"),
                      ("--connections", 2, "--threads", 2)):
            before = self.ids()
            record = self.run_load("--kind", "stream", "--batch-size", 500, *self.BRIEF, *words)
            self.check_all_answered(record)
            batches = self.kind(record, "batch")
            accepted = batches["transfers_accepted"]
            self.assertEqual(accepted, 500 * batches["requests_completed"])
            # What the tool counts as durable is what the ledger remembers.
            self.assertEqual(self.ids() - before, accepted)
            self.assertEqual(record["honesty"]["verdict"], "closed-loop")

    def test_batches_with_holds_chains_and_repetitions(self):
        scenario = self.cluster.folder / "batches.toml"
        scenario.write_text("""
kind = "batch"
[load]
batch_size = 100
in_flight = 3
[[phase]]
name = "steady"
duration = "2s"
[ids]
retry_share = 0.1
[mix]
single = 5
hold = 3
chain = 1
balancing = 1
""", encoding="utf-8")
        before = self.ids()
        out = self.cluster.folder / "record.json"
        done = self.load("run", scenario, "--accounts", ACCOUNTS, "--out", out)
        self.assertEqual(done.returncode, OK, done.stdout + done.stderr)
        record = json.loads(out.read_text(encoding="utf-8"))
        self.check_all_answered(record)
        batches = self.kind(record, "batch")
        self.assertGreater(batches["retries"], 0)
        self.assertEqual(batches["transfers_accepted"] + batches["retries"],
                         100 * batches["requests_completed"], batches["refused"])
        self.assertEqual(self.ids() - before, batches["transfers_accepted"])

    def test_unary_alone_and_with_many_under_way(self):
        for in_flight in (1, 32):
            before = self.ids()
            record = self.run_load("--kind", "unary", "--in-flight", in_flight, *self.BRIEF)
            self.check_all_answered(record)
            transfers = self.kind(record, "transfer")
            self.assertEqual(self.ids() - before, transfers["transfers_accepted"])

    def test_unary_at_a_rate_with_retries_that_never_pay_twice(self):
        before = self.ids()
        record = self.run_load("--kind", "unary", "--rate", 100, "--retries", 20, *self.BRIEF)
        self.check_all_answered(record)
        transfers = self.kind(record, "transfer")
        self.assertEqual(transfers["requests_offered"], 200)
        self.assertEqual(record["honesty"]["requests_intended"], 200)
        self.assertEqual(record["honesty"]["verdict"], "offered")
        self.assertGreater(transfers["retries"], 10)
        self.assertEqual(self.ids() - before, 200)

    def test_cross_border_payments_are_followed_to_their_end(self):
        hongkong = self.cluster[cities.HONGKONG].by("BOB")
        def received():
            return sum(int(each.balance_minor) for each in hongkong.all_accounts())

        for batch_size in (1, 50):
            before = received()
            record = self.run_load("--kind", "cross-border", "--in-flight", 4, "--batch-size",
                                   batch_size, *self.BRIEF)
            self.check_all_answered(record)
            settlements = self.kind(record, "settlement")
            settled = settlements["transfers_accepted"]
            self.assertEqual(settled, batch_size * settlements["requests_completed"])
            # What the tool counts as settled has arrived: 1 to 100 minor units each.
            self.assertGreaterEqual(received() - before, settled)
            self.assertLessEqual(received() - before, 100 * settled)

    def test_a_mixed_day_has_every_kind(self):
        scenario = self.cluster.folder / "mixed.toml"
        scenario.write_text("""
kind = "mixed"
[load]
loop = "open"
arrivals = "random"
in_flight = 500
batch_size = 20
lag_max = "5s"
[[phase]]
name = "warm-up"
duration = "1s"
measured = false
rate = 50
[[phase]]
name = "steady"
duration = "4s"
rate = 100
[mix]
single = 4
hold = 3
void_share = 0.5
chain = 2
balancing = 2
batch = 1
cross_border = 1
""", encoding="utf-8")
        out = self.cluster.folder / "mixed"
        done = self.load("run", scenario, "--accounts", ACCOUNTS, "--operator", "shanghai",
                         "--other", "BOB", "--out", f"{out}/")
        self.assertEqual(done.returncode, OK, done.stdout + done.stderr)
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        self.check_all_answered(record)
        self.assertEqual(set(self.totals(record)), {"transfer", "hold", "post", "void", "chain",
                                                    "balancing", "batch", "settlement"})
        self.assertEqual([phase["is_measured"] for phase in record["phases"]], [False, True])
        self.assertEqual(record["servers"][0]["version"], self.shanghai.operator.status().version)
        self.assertIn("<html", (out / "report.html").read_text(encoding="utf-8"))
        lines = (out / "seconds.csv").read_text(encoding="utf-8").splitlines()
        self.assertEqual(len(lines), 1 + len(record["seconds"]))
        again = self.cluster.folder / "again.html"
        shown = subprocess.run([BIN / "hugang-load", "report", out / "run.json", "--html", again],
                               capture_output=True, text=True, check=False)
        self.assertEqual(shown.returncode, OK, shown.stderr)
        self.assertIn("<html", again.read_text(encoding="utf-8"))
        same = subprocess.run([BIN / "hugang-load", "compare", out / "run.json",
                               out / "run.json"], capture_output=True, text=True, check=False)
        self.assertEqual(same.returncode, OK, same.stdout + same.stderr)

    def test_tills_think_between_payments(self):
        record = self.run_load("--kind", "unary", "--in-flight", 10, "--think", "100ms",
                               *self.BRIEF)
        self.check_all_answered(record)
        # Ten tills, ten payments a second each at most, for two seconds.
        self.assertLessEqual(self.kind(record, "transfer")["requests_offered"], 10 * 21)

    def test_preparing_again_opens_nothing(self):
        before = self.shanghai.operator.status().account_count
        done = self.load("prepare", "--operator", "shanghai", "--other", "BOB", "--accounts",
                         ACCOUNTS, "--payees", PAYEES)
        self.assertEqual(done.returncode, OK, done.stdout + done.stderr)
        self.assertEqual(self.shanghai.operator.status().account_count, before)
        funded = [each for each in self.shanghai.by("ALICE").all_accounts()
                  if int(each.credits_posted_minor) >= FUNDS]
        self.assertEqual(len(funded), ACCOUNTS)

    def test_mistakes_are_told_in_sentences(self):
        few = ("--accounts", ACCOUNTS)
        for words, options, sentence in (
                (few, {"profile": "NOBODY"}, "no profile 'NOBODY'"),
                (("--accounts", 10_000), {}, "prepare --accounts 10000"),
                (few, {"accounts_file": "/nowhere"}, "hugang-load prepare"),
                (few, {"profile": "ANNA"}, "not this participant's"),
        ):
            done = self.load("run", "--kind", "unary", *self.BRIEF, *words, **options)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn(sentence, done.stderr)


class Honesty(Load):
    def running(self, process):
        """Until the ledger has seen transfers of a run that began."""
        before = self.ids()
        wait_until(lambda: process.poll() is not None or self.ids() > before + 50, "transfers")
        self.assertIsNone(process.poll(), "it ended at once")

    def test_a_server_that_stands_still_for_five_seconds_shows_in_the_percentiles(self):
        process, out = self.begin_load("--kind", "unary", "--rate", 100, "--duration", "20s",
                                       "--warm-up", "0s", "--lag-max", "5s", "--timeout", "20s")
        self.running(process)
        node = self.shanghai.process.process
        node.send_signal(signal.SIGSTOP)
        # Time itself is what is tested here.
        timer = threading.Timer(5, node.send_signal, (signal.SIGCONT,))
        timer.start()
        self.addCleanup(node.send_signal, signal.SIGCONT)
        record = self.end(process, out, OK)
        timer.join()
        transfers = self.kind(record, "transfer")
        self.assertEqual(transfers["requests_completed"], 2_000)
        percentile = {each["percent"]: each["latency_ns"] for each in percentiles(transfers)}
        # A quarter of all were intended during the stall, or found its backlog.
        self.assertGreater(percentile[99.9], 4.5e9)
        self.assertGreater(percentile[90], 2e9)
        self.assertLess(percentile[50], 1e9)
        dark = [each for each in record["seconds"] if each["completed"] == 0]
        self.assertGreaterEqual(len(dark), 4)
        self.assertTrue(all(each["intended"] == 100 for each in dark), dark)
        self.assertEqual(record["honesty"]["verdict"], "offered")

    def test_a_client_that_stands_still_claims_no_rate(self):
        process, out = self.begin_load("--kind", "unary", "--rate", 100, "--duration", "10s",
                                       "--warm-up", "0s")
        self.running(process)
        process.send_signal(signal.SIGSTOP)
        time.sleep(1.5)  # the time that the client loses is what is tested
        process.send_signal(signal.SIGCONT)
        record = self.end(process, out, CLIENT_TOO_SLOW)
        self.assertEqual(record["honesty"]["verdict"], "client-too-slow")
        self.assertGreater(record["honesty"]["lag_p99_ns"], 0.5e9)

    def test_a_rate_that_no_client_can_offer_is_refused(self):
        out = self.cluster.folder / "record.json"
        done = self.load("run", "--accounts", ACCOUNTS, "--kind", "unary", "--rate", 400_000,
                         "--in-flight", 20_000, "--duration", "1s", "--warm-up", "0s",
                         "--timeout", "2s", "--out", out)
        self.assertEqual(done.returncode, CLIENT_TOO_SLOW, done.stdout + done.stderr)
        self.assertIn("not claimed", done.stdout)
        record = json.loads(out.read_text(encoding="utf-8"))
        self.assertEqual(record["honesty"]["verdict"], "client-too-slow")
        self.assertLess(record["honesty"]["requests_offered"],
                        record["honesty"]["requests_intended"])

    def test_ctrl_c_yields_the_whole_report(self):
        for words in (("--kind", "unary", "--rate", 100),
                      ("--kind", "stream", "--batch-size", 100, "--operator", "shanghai")):
            process, out = self.begin_load("--duration", "1h", "--warm-up", "0s", *words)
            self.running(process)
            process.send_signal(signal.SIGINT)
            record = self.end(process, out, INTERRUPTED)
            self.assertEqual(record["ending"], "interrupted")
            for kind in record["kinds"]:
                self.assertEqual(kind["requests_completed"], kind["requests_offered"])
                self.assertFalse(kind["errors"])
            self.assertLess(record["measured_s"], 600)

    def test_the_second_ctrl_c_ends_at_once(self):
        process, _ = self.begin_load("--kind", "unary", "--rate", 100, "--duration", "1h",
                                     "--warm-up", "0s", "--timeout", "1h")
        self.running(process)
        node = self.shanghai.process.process
        node.send_signal(signal.SIGSTOP)
        self.addCleanup(node.send_signal, signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        # Told on standard error; the node answers nothing, so that it waits.
        while "stopping" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE), INTERRUPTED)
        node.send_signal(signal.SIGCONT)

    def test_a_node_that_is_killed_is_found_again(self):
        process, out = self.begin_load("--kind", "stream", "--batch-size", 100, "--duration",
                                       "8s", "--warm-up", "0s")
        self.running(process)
        self.shanghai.process.kill()
        self.shanghai.start()
        self.running(process)
        record = self.end(process, out, FAILED)
        batches = self.kind(record, "batch")
        self.assertTrue(batches["errors"], "what was under way had no answer")
        lost = batches["requests_offered"] - batches["requests_completed"]
        self.assertEqual(lost, sum(error_counts(batches)))
        self.assertLessEqual(lost, 10)


def percentiles(kind):
    """From the histogram of the record: what the record's own readers compute."""
    buckets = kind["latency"]["buckets"]
    pairs = [(buckets[i], buckets[i + 1]) for i in range(0, len(buckets), 2)]
    total = sum(count for _, count in pairs)
    for percent in (50, 90, 99, 99.9):
        seen = 0
        for lower, count in pairs:
            seen += count
            if seen >= total * percent / 100 - 1e-6:
                yield {"percent": percent, "latency_ns": lower}
                break


def error_counts(kind):
    errors = kind["errors"]
    return errors.values() if isinstance(errors, dict) else [each["count"] for each in errors]


if __name__ == "__main__":
    unittest.main()
