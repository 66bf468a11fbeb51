"""A node that lies: dials PeerService with the peer's own certificate and key, and says what it
likes. It keeps its side of the chain as an honest one would, so that each lie is the only one."""

import queue
import secrets
import time

import grpc

import harness
import records
from contract import v1
from process import quick_options
from waiting import PATIENCE

HOUR_NS = 3_600 * 10**9


class LyingPeer:
    """Plays `liar` (a Node that is not running) towards `victim`."""

    def __init__(self, liar, victim):
        self.liar = liar
        self.victim = victim
        own = liar.pki / liar.city.code
        self.credentials = harness.credentials(victim.pki / victim.city.code / "ca.pem",
                                               own / "node")
        self.signer = records.Signer(own / f"signing-{liar.city.suite}.key", liar.city.suite)
        self.sent = 0
        self.chain = bytes(32)
        self.newest = None  # (message, chain before it)

    # ---- The stream ----

    def open(self):
        """Dials; returns the first report: where the victim stands."""
        self.channel = grpc.secure_channel(self.victim.address, self.credentials, quick_options())
        self.outgoing = queue.Queue()
        self.stream = v1.PeerServiceStub(self.channel).Link(iter(self.outgoing.get, None),
                                                            timeout=2 * PATIENCE)
        return self.report()

    def report(self):
        return next(self.stream)

    def report_until(self, condition):
        while True:
            report = self.report()
            if condition(report):
                return report

    def close(self):
        self.outgoing.put(None)
        self.stream.cancel()
        self.channel.close()

    def send_bytes(self, envelope):
        self.outgoing.put(v1.LinkRequest(envelope=envelope))

    # ---- What it says ----

    def payment(self, debit, credit, asset, amount, settlement_id=None):
        return records.Payment(settlement_id or secrets.token_bytes(16), self.liar.city.id,
                               self.victim.city.id, debit, credit, asset.id, amount,
                               time.time_ns() + HOUR_NS)

    def say(self, message, first=None, chain=None, **payload):
        """One message; without `first` and `chain` it is the honest next one."""
        is_next = first is None and chain is None
        before = self.chain if chain is None else chain
        place = self.sent + 1 if first is None else first
        sender = payload.pop("sender", self.liar.city.id)
        receiver = payload.pop("receiver", self.victim.city.id)
        data = records.payload(sender, receiver, [message], place, before, **payload)
        self.send_bytes(self.signer.envelope(data))
        if is_next:
            self.newest = (message, before)
            self.chain = records.chain_next(before, message)
            self.sent += 1

    def repeat(self):
        """The newest message once more, as it was."""
        message, before = self.newest
        self.say(message, first=self.sent, chain=before)
