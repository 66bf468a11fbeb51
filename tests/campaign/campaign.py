"""One campaign: two real nodes, clients, faults, and the judgement of what is left."""

import collections
import pathlib
import random
import shutil
import statistics
import threading
import time

import faults
import harness
import judging
from bad_requests import public_key_der
from cities import CNY, HKD, HONGKONG, SHANGHAI, XAU
from customers import RICH, Board, Customer, Operator
from faulty_node import SECOND, Clock, FaultyNode, SmallDisk
from record import Record
from waiting import wait_until

CHECKPOINT_ENTRIES = 150  # so often that many kills hit one
DISK_BYTES = 768 << 20
CLOCK_BEGINS_AT = 2 * 3_600 * SECOND  # ahead, so that certificates are valid after steps backward
SPARE_KEYS = 3
CLIENTS_EACH = 2
PEOPLE = ((SHANGHAI, "ALICE"), (SHANGHAI, "ANNA"), (HONGKONG, "BOB"), (HONGKONG, "BEN"))


class Broken(Exception):
    """The campaign found something: .laws is a list of (law, sentence)."""

    def __init__(self, laws):
        super().__init__("\n".join(f"law {law}: {sentence}" for law, sentence in laws))
        self.laws = laws


class Campaign:
    def __init__(self, options, seed):
        self.options = options
        self.seed = seed
        self.rng = random.Random(f"{seed}/faults")
        self.halt = threading.Event()
        self.events = collections.deque(maxlen=40)
        self.began = time.monotonic()
        self.notes = []  # what is skipped, and why
        self.disk = None
        self.clients = []
        self.board = Board()
        self.cluster = self.make_cluster()
        self.folder = self.cluster.folder
        self.history = open(self.folder / "faults.log", "w", encoding="utf-8")
        self.record = Record(self.folder / "clients.jsonl")
        self.nodes = [self.faulty(node) for node in self.cluster.nodes.values()]
        self.faults = faults.Faults(self.nodes, self.rng, self.halt, self.tell, options.pace,
                                    self.board.is_heavy)

    def tell(self, text):
        line = f"{time.monotonic() - self.began:8.3f} s  {text}"
        self.events.append(line)
        self.history.write(line + "\n")
        self.history.flush()

    # ---- Setting up ----

    def make_cluster(self):
        ledgers = {}
        if self.options.full_disks:
            try:
                self.disk = SmallDisk(DISK_BYTES)
                self.small = self.rng.choice((SHANGHAI, HONGKONG))
                ledgers[self.small.code] = pathlib.Path(self.disk.path) / "ledger"
            except OSError as error:
                self.notes.append(f"full disks skipped: {error.strerror}")
        cluster = harness.Cluster(checkpoint_entries=CHECKPOINT_ENTRIES, ledgers=ledgers)
        self.spare_keys = {}
        for node in cluster.nodes.values():
            self.spare_keys[node.city.id] = [self.spare_key(node, index)
                                             for index in range(SPARE_KEYS)]
            cluster.write_config(node)
        return cluster

    @staticmethod
    def spare_key(node, index):
        """A signing key that the node holds from the start and does not use before a rotation."""
        suite = "sm2" if index % 2 else "ed25519"
        pem = node.layout.folder / f"signing-spare-{index}.key"
        done = harness.run("openssl", "genpkey", "-algorithm", suite.upper(), "-out", pem)
        assert done.returncode == 0, done.stderr
        pem.chmod(0o600)
        harness.run("openssl", "pkey", "-in", pem, "-pubout", "-out", pem.with_suffix(".pub"))
        node.layout.signing_keys.append(pem)
        return ("sm2-sm3" if suite == "sm2" else suite,
                public_key_der(pem.with_suffix(".pub")))

    def faulty(self, node):
        clock = None
        if self.options.clock_shim:
            clock = Clock(node.layout.folder, self.options.clock_shim, CLOCK_BEGINS_AT)
        disk = self.disk if self.disk and node.city is self.small else None
        return FaultyNode(node, self.tell, clock, disk)

    def start(self):
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.wait_serving()
        self.cluster.wait_connected()
        for city, code in PEOPLE:
            for number in range(1, CLIENTS_EACH + 1):
                self.clients.append(Customer(
                    f"{city.code}/{code}/{number}", city, self.cluster[city].by(code),
                    self.record, self.board, self.seed, self.halt))
        for client in self.clients:
            for asset in (CNY, HKD, XAU):
                client.open_account(asset)
        for city in (SHANGHAI, HONGKONG):
            operator = Operator(f"{city.code}/operator", city, self.cluster[city].operator,
                                self.record, self.board, self.seed, self.halt,
                                spare_keys=self.spare_keys[city.id])
            operator.find_reserves()
            for client in list(self.clients):
                for asset in (CNY, HKD, XAU):
                    if asset.issuer == city.id and client.city is city:
                        operator.issue(client.own[asset][0], asset, RICH)
            self.clients.append(operator)
        for client in self.clients:
            client.thread.start()

    # ---- Under way ----

    def run(self):
        """Faults until there were enough kills, or the time is over; full disks and judgements
        spread evenly in between."""
        options = self.options
        full_disks = [(index + 0.5) / options.full_disks for index in range(options.full_disks)
                      ] if self.disk else []
        checks = [(index + 1) / (options.checks + 1) for index in range(options.checks)]
        deadline = time.monotonic() + options.minutes * 60 if options.minutes else None
        while not self.is_enough(deadline):
            share = self.faults.kills() / options.kills
            if full_disks and share >= full_disks[0]:
                full_disks.pop(0)
                self.faults.fill_disk()
            elif checks and share >= checks[0]:
                checks.pop(0)
                self.check_in_between()
            else:
                self.faults.one()
            if self.halt.is_set():
                self.raise_failures()

    def is_enough(self, deadline):
        if deadline is not None and time.monotonic() > deadline:
            return True
        return self.faults.kills() >= self.options.kills

    def raise_failures(self):
        failures = [client.failure for client in self.clients if client.failure]
        if failures:
            raise Broken([("a client could go on", failure) for failure in failures])

    def check_in_between(self):
        """Kills both and judges what is on their disks: much is under way, nothing may be lost."""
        if self.options.lose_writes:
            count = self.record.answered
            wait_until(lambda: self.record.answered > count + 500 or self.halt.is_set(),
                       "something to lose")
        for node in self.nodes:
            node.kill("to be judged")
        if self.options.lose_writes:
            self.lose_writes()
        _, broken = judging.judge(self.nodes, self.record, at_rest=False)
        self.tell("judged in between")
        if broken:
            raise Broken(broken)
        for node in self.nodes:
            node.spawn()
        for node in self.nodes:
            node.wait_serving()

    def lose_writes(self):
        """As if the node had answered before its writes were on the disk: proves that this
        campaign would notice."""
        ledger = self.nodes[0].node.ledger
        log = max((path for path in ledger.glob("*.log") if path.stat().st_size), key=lambda path:
                  path.name)
        data = log.read_bytes().rstrip(b"\0")
        log.write_bytes(data[:-min(len(data), self.options.lose_writes)])
        # Without the note of what was durable, as after a power failure: the node itself must not
        # notice, so that the laws have to.
        (log.parent / "durable-note").unlink(missing_ok=True)
        self.tell(f"{self.options.lose_writes} bytes of {log} taken away")

    # ---- The end ----

    def come_to_rest(self):
        """Faults are over: everything that is pending ends, within the patience of the tests."""
        faults.calm(self.nodes)
        self.tell("faults are over")
        for client in self.clients:
            client.over.set()
        for client in self.clients:
            client.thread.join()
        self.raise_failures()
        self.cluster.wait_connected()
        for client in self.clients:
            client.tidy_up()
        for node in self.nodes:
            def is_quiet(node=node):
                status = node.node.operator.status()
                return (status.open_holds, status.open_settlements) == (0, 0)
            wait_until(is_quiet, f"nothing open at {node.city.code}")
        self.cluster.wait_quiet()
        self.cluster.reconcile_all()
        self.cluster.wait_quiet()
        told = {node.city.id: judging.told_accounts(node.node) for node in self.nodes}
        for node in self.nodes:
            node.check_alive()
            node.stop()
        self.tell("at rest")
        return told

    def judge(self, told):
        evidence, broken = judging.judge(self.nodes, self.record, at_rest=True,
                                         told_accounts=told)
        if broken:
            raise Broken(broken)
        return evidence

    def close(self, is_kept):
        self.halt.set()
        for client in self.clients:
            if client.thread.is_alive():
                client.thread.join(10)
        for node in self.nodes:
            node.node.close()
        self.history.close()
        if is_kept and self.disk:
            shutil.copytree(self.nodes_on_disk(), self.folder / "ledger-of-the-small-disk",
                            dirs_exist_ok=True)
        if self.disk:
            self.disk.close()
        if not is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.rmtree(self.cluster.pki, ignore_errors=True)

    def nodes_on_disk(self):
        return next(node.node.ledger for node in self.nodes if node.disk)

    # ---- For people ----

    def progress(self):
        seconds = max(0.001, time.monotonic() - self.began)
        return (f"{self.faults.kills()}/{self.options.kills} kills, {seconds:.0f} s, "
                f"{self.record.answered} operations acknowledged, "
                f"{self.record.answered / seconds:.0f}/s")

    def summary(self, evidence):
        times = sorted(time for node in self.nodes for time in node.recoveries)
        final = collections.Counter(
            own.status for book in evidence.both() for own in book.settlements.values()
            if own.is_initiator)
        commands = sum(len(entry.commands) for book in evidence.both() for entry in book.entries)
        rotations = sum(getattr(client, "rotations", 0) for client in self.clients)
        kills = " + ".join(f"{node.kills} {node.city.code}" for node in self.nodes)
        return (f"seed {self.seed}: {self.faults.kills()} kills ({kills}), "
                f"{self.faults.pauses} pauses, {self.faults.full_disks} full disks, "
                f"{self.faults.steps} clock steps, {rotations} key rotations; "
                f"{self.record.answered} operations acknowledged, {commands} commands in the "
                f"ledgers, {final[3]} settlements settled, {final[4]} refused; recovery median "
                f"{statistics.median(times):.2f} s, max {times[-1]:.2f} s; "
                f"{time.monotonic() - self.began:.0f} s in all; every law kept")


