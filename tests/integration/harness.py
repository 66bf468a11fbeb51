"""Clusters of real nodes for tests: made, started, looked after, and audited at the end."""

import atexit
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import grpc

import cities
from caller import Caller
from contract import BIN, SOURCE, v1
from process import Process, free_port
from waiting import wait_until

TAIL_LINES = 60
_pki = {}


def temporary_folder(name):
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"hugang-{name}-"))
    if not os.environ.get("HUGANG_KEEP"):
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(*command, **options):
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", check=False,
                          timeout=120, **options)


def make_pki(chosen):
    """The PKI of these cities; made once per run of a topic."""
    key = tuple(city.code for city in chosen)
    if key not in _pki:
        out = temporary_folder("pki")
        command = [SOURCE / "deploy" / "pki" / "make-pki.sh", "--out", out]
        for city in chosen:
            command += ["--node", f"{city.code}:{city.suite}"]
            for code in (*city.participants, "STRANGER"):
                command += ["--client", f"{city.code}:{code}"]
        home, other = chosen[0].code, chosen[1].code
        command += ["--expired", f"{home}:ALICE", "--unknown-ca", f"{home}:ALICE",
                    "--forged", f"{other}:{home}:ALICE", "--nameless", f"{home}:ALICE"]
        done = run(*command)
        assert done.returncode == 0, done.stderr
        _pki[key] = out
    return _pki[key]


def credentials(root, stem):
    """From STEM.pem and STEM.key, trusting the certificates in `root`."""
    return grpc.ssl_channel_credentials(root.read_bytes(), stem.with_suffix(".key").read_bytes(),
                                        stem.with_suffix(".pem").read_bytes())


class Node:
    """One city's node: its process, and callers under every identity."""

    def __init__(self, layout, pki):
        self.layout = layout
        self.city = layout.city
        self.pki = pki
        self.address = f"127.0.0.1:{layout.grpc_port}"
        self.config = layout.folder / f"{self.city.code}.toml"
        self.process = Process(self.config, layout.folder)
        self.callers = {}

    @property
    def ledger(self):
        return self.layout.ledger or self.layout.folder / "ledger"

    def credentials(self, code):
        return credentials(self.pki / self.city.code / "ca.pem",
                           self.pki / self.city.code / "clients" / code)

    def start(self, **options):
        self.process.spawn(**options)
        self.process.wait_ready(self.address, self.credentials("operator"))

    def stop(self):
        code = self.process.terminate()
        assert code == 0, f"{self.city.code} ended with {code}\n{self.log_tail()}"

    def restart(self, **options):
        self.stop()
        self.start(**options)

    def by(self, code):
        """The caller with that code's certificate; opened once, lives through restarts."""
        if code not in self.callers:
            self.callers[code] = Caller(self.address, self.credentials(code),
                                        f"{self.city.code}/{code}")
        return self.callers[code]

    @property
    def operator(self):
        return self.by("operator")

    def close(self):
        for caller in self.callers.values():
            caller.close()
        if self.process.is_running():
            self.process.kill()

    def log_tail(self):
        if not self.process.log.exists():
            return "(no log)"
        lines = self.process.log.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


class Cluster:
    def __init__(self, *chosen, queue=None, checkpoint_entries=0, ledgers=None, rules=None):
        self.cities = chosen or (cities.SHANGHAI, cities.HONGKONG)
        self.folder = temporary_folder("cluster")
        self.pki = make_pki(self.cities)
        layouts = {}
        for city in self.cities:
            folder = self.folder / city.code
            folder.mkdir()
            layouts[city.code] = cities.Layout(
                city, folder, free_port(), free_port(),
                signing_keys=[self.pki / city.code / f"signing-{city.suite}.key"],
                queue=queue or {}, checkpoint_entries=checkpoint_entries,
                ledger=(ledgers or {}).get(city.code), rules=(rules or {}).get(city.code, []))
        self.layouts = layouts
        self.nodes = {code: Node(layout, self.pki) for code, layout in layouts.items()}
        for node in self.nodes.values():
            self.write_config(node)

    def write_config(self, node):
        text = cities.configuration(node.layout, self.layouts, self.pki)
        node.config.write_text(text, encoding="utf-8")

    def __getitem__(self, city):
        return self.nodes[city.code]

    def start(self):
        for node in self.nodes.values():
            node.process.spawn()
        for node in self.nodes.values():
            node.process.wait_ready(node.address, node.credentials("operator"))
        self.wait_connected()

    def wait_connected(self):
        for node in self.nodes.values():
            wait_until(lambda: all(peer.connected for peer in node.operator.status().peers),
                       f"{node.city.code} connected with all peers")

    def wait_quiet(self):
        """Until every message that was queued is applied at its receiver."""
        def is_quiet():
            peers = {(node.city.id, peer.node): peer for node in self.nodes.values()
                     for peer in node.operator.status().peers}
            return all(peer.sent == peers[other, own].applied
                       for (own, other), peer in peers.items() if (other, own) in peers)
        wait_until(is_quiet, "every message applied")

    def close(self):
        for node in self.nodes.values():
            node.close()
        if not os.environ.get("HUGANG_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- What must hold whenever nothing is under way ----

    def books(self):
        """Per node the accounts as the operator sees them."""
        return {code: node.operator.all_accounts() for code, node in self.nodes.items()}

    def check_books(self, holds_expected=False):
        """Debits are credits, mirror accounts agree, and nothing is left on hold."""
        self.wait_quiet()
        books = self.books()
        mirror = {}
        for code, accounts in books.items():
            own = self.nodes[code].city.id
            posted, pending = {}, {}
            for account in accounts:
                asset = account.asset
                debits, credits = (int(account.debits_pending_minor),
                                   int(account.credits_pending_minor))
                assert int(account.balance_minor) == (int(account.credits_posted_minor) -
                                                      int(account.debits_posted_minor)), account
                assert holds_expected or debits == credits == 0, f"{code}: on hold: {account}"
                if account.no_debit_balance:
                    assert int(account.available_minor) >= 0, account
                posted[asset] = posted.get(asset, 0) + int(account.balance_minor)
                pending[asset] = pending.get(asset, 0) + credits - debits
                if account.kind == v1.ACCOUNT_KIND_CORRIDOR:
                    mirror[own, account.peer_node, asset] = int(account.balance_minor)
            assert not any(posted.values()), f"{code}: debits are not credits: {posted}"
            assert not any(pending.values()), f"{code}: holds are one-sided: {pending}"
        for (own, other, asset), balance in mirror.items():
            theirs = mirror[other, own, asset]
            assert theirs == -balance, \
                f"asset {asset}: node {own} says {balance}, node {other} says {theirs}"
        return books

    def reconcile_all(self):
        """Each node with each peer: agreed to the last minor unit."""
        for node in self.nodes.values():
            for peer in self.cities:
                if peer.id == node.city.id:
                    continue
                answer = node.operator.reconcile(peer.id)
                assert answer.status == v1.RECONCILIATION_STATUS_AGREED, answer
                for line in answer.lines:
                    own, theirs, under_way = (int(line.own_minor), int(line.peer_minor),
                                              int(line.in_flight_minor))
                    assert own == theirs + under_way, answer

    def audit(self):
        """Stops the nodes; both ledgers verify and replay to the balances that the nodes told."""
        running = [node for node in self.nodes.values() if node.process.is_running()]
        books = {node.city.code: node.operator.all_accounts() for node in running}
        for node in running:
            node.stop()
        for code, node in self.nodes.items():
            verdict = json.loads(audit(node.ledger, "verify", "--json").stdout)
            assert verdict["verdict"] == "good" and not verdict["findings"], verdict
            assert verdict["envelopes_unverifiable"] == 0, verdict
            audit(node.ledger, "replay")
            if code in books:
                check_balances(node.ledger, books[code])


def audit(ledger, command, *arguments, is_good=True):
    done = run(BIN / "hugang-audit", command, ledger, *arguments)
    assert (done.returncode == 0) == is_good, \
        f"hugang-audit {command} {ledger}: {done.returncode}\n{done.stdout[-4_000:]}{done.stderr}"
    return done


BALANCE_FIELDS = ("balance_minor", "debits_posted_minor", "credits_posted_minor",
                  "debits_pending_minor", "credits_pending_minor")


def check_balances(ledger, accounts):
    """What the node told of each account is what the audit finds by replay."""
    def check(account):
        found = json.loads(audit(ledger, "balance", account.number, "--json").stdout)
        for field in BALANCE_FIELDS:
            assert found[field] == getattr(account, field), \
                f"account {account.number}: {field}: {found} is not {account}"
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(check, accounts))


class ClusterTest(unittest.TestCase):
    """A fresh cluster per test (or, with SHARED, per class), audited when the test is over."""
    SHARED = False
    CITIES = (cities.SHANGHAI, cities.HONGKONG)
    OPTIONS = {}
    STARTED = True
    AUDITED = True
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if cls.SHARED:
            cls.begin(cls)

    @classmethod
    def tearDownClass(cls):
        if not cls.SHARED:
            return
        try:
            if cls.AUDITED:
                cls.cluster.check_books()
                cls.cluster.audit()
        except Exception:
            cls.print_logs(cls.cluster)
            raise
        finally:
            cls.cluster.close()

    @staticmethod
    def begin(owner):
        """`owner` is the test, or the class of tests that share a cluster."""
        owner.cluster = Cluster(*owner.CITIES, **owner.OPTIONS)
        try:
            if owner.STARTED:
                owner.cluster.start()
                owner.prepare(owner)
        except BaseException:
            owner.print_logs(owner.cluster)
            owner.cluster.close()
            raise

    @staticmethod
    def prepare(owner):
        """For subclasses: accounts and money before the first test."""

    def setUp(self):
        if not self.SHARED:
            self.begin(self)
            # Whatever becomes of the test and of its tearDown: no node outlives it.
            self.addCleanup(self.cluster.close)

    def tearDown(self):
        try:
            if not self.SHARED and self.AUDITED and self._outcome.success:
                self.cluster.check_books()
                self.cluster.audit()
        except BaseException:
            self.print_logs(self.cluster)
            raise
        else:
            if not self._outcome.success:
                self.print_logs(self.cluster)

    @staticmethod
    def print_logs(cluster):
        for node in cluster.nodes.values():
            print(f"---- {node.process.log} (last {TAIL_LINES} lines)\n{node.log_tail()}",
                  flush=True)

    def assert_ok(self, outcome):
        self.assertEqual(outcome.code_name, "OK", outcome)
        return outcome

    def assert_code(self, outcome, name):
        self.assertEqual(outcome.code_name, name, outcome)
        self.assertNotEqual(outcome.message, "", "a refusal tells what to do")
        return outcome
