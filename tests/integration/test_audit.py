"""hugang-audit on copies of real ledgers: what it says is what the node said, and no changed byte
gets past it."""

import datetime
import json
import os
import pathlib
import random
import shutil
import unittest

import harness
from cities import CNY, SHANGHAI
from contract import BIN
from world import World

SEED = 20260105
FLIPS = 60


class LedgerCopies(harness.ClusterTest):
    SHARED = True
    OPTIONS = {"checkpoint_entries": 20}

    @staticmethod
    def prepare(owner):
        world = owner.world = World(owner.cluster)
        owner.moments = []
        for amount in range(1, 31):
            world.settle(world.pay(amount))
            owner.moments.append((world.shanghai.operator.status().durable_seqno,
                                  world.balance("alice", CNY)))
        world.settle(world.pay(10**6))
        request = world.dvp(500, 1_000)
        assert world.alice.instruct(request).code == 0
        world.bob.seen(request.id)
        assert world.bob.affirm(request.id).code == 0
        world.both_ends(request.id)
        owner.cluster.check_books()
        owner.books = world.shanghai.operator.all_accounts()
        owner.alive = owner.copy(owner, "alive")  # taken while the node runs
        owner.status = world.shanghai.operator.status()
        world.shanghai.stop()
        owner.stopped = owner.copy(owner, "stopped")
        world.shanghai.start()
        owner.cluster.wait_connected()

    @staticmethod
    def copy(owner, name):
        to = owner.cluster.folder / "copies" / name
        shutil.copytree(owner.cluster[SHANGHAI].ledger, to)
        return to

    def test_verify_replay_and_balance_agree_with_the_node(self):
        verdict = json.loads(harness.audit(self.stopped, "verify", "--json").stdout)
        self.assertEqual(verdict["verdict"], "good")
        self.assertEqual(verdict["findings"], [])
        self.assertGreater(verdict["signatures_good"], 20)
        self.assertEqual(verdict["envelopes_unverifiable"], 0)
        replayed = json.loads(harness.audit(self.stopped, "replay", "--json").stdout)
        self.assertGreater(len(replayed["checkpoints"]), 0)
        for asset in replayed["assets"]:
            debits = sum(int(account.debits_posted_minor) for account in self.books
                         if account.asset == asset["id"])
            self.assertEqual((int(asset["posted_minor"]), asset["pending_minor"]), (debits, "0"))
        harness.check_balances(self.stopped, self.books)
        self.assertEqual(replayed["open_settlements"], 0)
        self.assertGreaterEqual(replayed["last_entry"], self.status.durable_seqno)
        # The digest that the node computed when it made its checkpoint is that of the replay.
        to = str(self.status.checkpoint_seqno)
        at = json.loads(harness.audit(self.stopped, "replay", "--to", to, "--json").stdout)
        self.assertEqual(at["state_digest"], self.status.checkpoint_digest)

    def test_a_running_node_can_be_audited(self):
        ledger = self.cluster[SHANGHAI].ledger
        verdict = json.loads(harness.audit(ledger, "verify", "--json").stdout)
        self.assertEqual(verdict["verdict"], "good")
        harness.audit(self.alive, "verify")
        harness.check_balances(self.alive, self.books)

    def test_the_audit_changes_nothing(self):
        def picture(folder):
            return {path.name: (path.stat().st_mtime_ns, path.read_bytes())
                    for path in sorted(folder.rglob("*")) if path.is_file()}
        before = picture(self.stopped)
        for command in ("verify", "replay"):
            harness.audit(self.stopped, command)
        self.assertEqual(picture(self.stopped), before)

    def test_balances_of_the_past(self):
        account = self.world.of("alice", CNY)
        for seqno, balance in self.moments[::7]:
            found = json.loads(harness.audit(self.stopped, "balance", account, "--to",
                                             str(seqno), "--json").stdout)
            self.assertEqual(int(found["balance_minor"]), balance)
            moment = found["at"]
            datetime.datetime.fromisoformat(moment[:26])
            again = json.loads(harness.audit(self.stopped, "balance", account, "--as-of", moment,
                                             "--json").stdout)
            self.assertEqual(int(again["balance_minor"]), balance)

    def test_one_flipped_byte_is_found_or_harmless(self):
        chance = random.Random(SEED)
        truth = json.loads(harness.audit(self.stopped, "verify", "--json").stdout)
        files = [path for path in sorted(self.stopped.iterdir())
                 if path.suffix in (".log", ".sst", ".blob") and path.stat().st_size > 0]
        self.assertGreater(len(files), 0)
        weights = [path.stat().st_size for path in files]
        found = 0
        for number in range(FLIPS):
            path = chance.choices(files, weights)[0]
            at = chance.randrange(path.stat().st_size)
            folder = self.with_flip(path, at, 1 << chance.randrange(8))
            done = harness.run(BIN / "hugang-audit", "verify", folder, "--json")
            with self.subTest(f"seed {SEED}, flip {number}: byte {at} of {path.name}"):
                self.assertIn(done.returncode, (0, 1, 3), done.stderr[-2_000:])
                if done.returncode == 0:
                    # Harmless: every entry is there and the state is the same.
                    again = json.loads(done.stdout)
                    for key in ("last_entry", "commands", "state_digest", "signatures_good"):
                        self.assertEqual(again[key], truth[key], done.stdout)
                else:
                    found += 1
                    said = done.stdout + done.stderr
                    self.assertRegex(said, r"entry|entries|file|checkpoint|log|sst|cannot")
            shutil.rmtree(folder)
        print(f"{found} of {FLIPS} flips were found, the others were harmless", flush=True)
        self.assertGreater(found, FLIPS // 4)

    def with_flip(self, path, at, bit):
        """A copy of the ledger with one changed bit; the other files are links."""
        folder = self.cluster.folder / "copies" / "flipped"
        folder.mkdir()
        for file in self.stopped.iterdir():
            if file.is_file() and file != path:
                os.link(file, folder / file.name)
        data = bytearray(path.read_bytes())
        data[at] ^= bit
        (folder / path.name).write_bytes(data)
        return folder

    def test_an_amount_changed_with_care_is_found(self):
        """A byte inside a recorded amount, found by its content: not noise, a forgery."""
        needle = (10**6).to_bytes(8, "little")
        for path in sorted(self.stopped.iterdir()):
            at = path.read_bytes().find(needle) if path.is_file() else -1
            if at < 0:
                continue
            folder = self.with_flip(path, at, 1)
            done = harness.audit(folder, "verify", "--json", is_good=False)
            verdict = json.loads(done.stdout)
            self.assertEqual(verdict["verdict"], "bad", verdict)
            self.assertGreater(len(verdict["findings"]), 0)
            shutil.rmtree(folder)
            return
        self.skipTest("the payment lies compressed")

    def test_what_is_no_ledger_is_said_so(self):
        empty = self.cluster.folder / "empty"
        empty.mkdir()
        for folder in (empty, pathlib.Path("/nonexistent")):
            done = harness.run(BIN / "hugang-audit", "verify", folder)
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertNotEqual(done.stderr.strip(), "")
        self.assertEqual(harness.run(BIN / "hugang-audit").returncode, 2)


if __name__ == "__main__":
    unittest.main()
