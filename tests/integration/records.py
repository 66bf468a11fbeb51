"""The bytes between nodes and in packed requests, written from docs/FORMAT.md with struct alone:
little-endian, fixed width. Nothing here is shared with the server."""

import dataclasses
import hashlib
import pathlib
import struct
import subprocess
import tempfile

TRANSFER = struct.Struct("<16s16s16sQQqqqIHH")
INSTRUCT_HEAD = struct.Struct("<16s16sIIHHIqqQQ")
LEG = struct.Struct("<QQqIHHQ")
DECISION = struct.Struct("<16sHHIqQQ")
PAYLOAD_HEAD = struct.Struct("<IHHIIIIQQq32s32s")
ENVELOPE_HEAD = struct.Struct("<4sHBBQII")
MESSAGE_HEAD = struct.Struct("<IHH")
assert (TRANSFER.size, INSTRUCT_HEAD.size, LEG.size, DECISION.size, PAYLOAD_HEAD.size,
        ENVELOPE_HEAD.size) == (96, 80, 40, 48, 112, 24)

INSTRUCT, DECIDE = 1, 2  # kinds of messages
PAYMENT, OUT = 1, 1
SUITES = {"ed25519": 1, "sm2": 2}
CONTEXT = b"hugang/envelope/v1\n"


def number(reading_order):
    """An id as records hold it: little-endian, where the contract has the reading order."""
    return reading_order[::-1]


def packed_transfer(transfer_id, debit, credit, asset, amount):
    return TRANSFER.pack(number(transfer_id), bytes(16), bytes(16), debit, credit, amount, 0, 0,
                         asset.id, 0, 0)


def padded(data):
    return data + bytes(-len(data) % 8)


def message(kind, body):
    return MESSAGE_HEAD.pack(len(body), kind, 0) + padded(body)


@dataclasses.dataclass
class Payment:
    settlement_id: bytes  # in reading order
    initiator: int
    responder: int
    debit: int  # the initiator's account
    credit: int  # the responder's account
    asset: int
    amount: int
    decide_by_ns: int

    def message(self):
        head = INSTRUCT_HEAD.pack(number(self.settlement_id), bytes(16), self.initiator,
                                  self.responder, PAYMENT, 1, 0, self.decide_by_ns, 0, 0, 0)
        leg = LEG.pack(self.debit, self.credit, self.amount, self.asset, OUT, 0, 0)
        return message(INSTRUCT, head + leg)


def decision(settlement_id, code, at_ns):
    return message(DECIDE, DECISION.pack(number(settlement_id), code, 0, 0, at_ns, 1, 0))


def chain_next(before, one_message):
    return hashlib.sha256(b"\x02" + before + one_message).digest()


def payload(sender, receiver, messages, first, chain_before, acknowledged=0):
    body = b"".join(messages)
    head = PAYLOAD_HEAD.pack(0x4C504748, 1, 0, sender, receiver, len(messages), len(body), first,
                             acknowledged, 0, chain_before, bytes(32))
    return head + body


class Signer:
    """A signing key of the PKI, used with OpenSSL's command line alone."""

    def __init__(self, key_pem, suite):
        self.key = pathlib.Path(key_pem)
        self.suite = suite
        der = self.openssl("pkey", "-in", str(self.key), "-pubout", "-outform", "DER")
        self.der = der
        self.key_id = int.from_bytes(
            hashlib.sha256(bytes([SUITES[suite]]) + der).digest()[:8], "big")

    @staticmethod
    def openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    def sign(self, data):
        with tempfile.NamedTemporaryFile() as file:  # Ed25519 wants a file, not a pipe
            file.write(CONTEXT + data)
            file.flush()
            command = ["pkeyutl", "-sign", "-rawin", "-inkey", str(self.key), "-in", file.name]
            if self.suite == "sm2":
                command += ["-digest", "sm3", "-pkeyopt", "distid:1234567812345678"]
            return self.openssl(*command)

    def envelope(self, data, signature=None):
        signature = self.sign(data) if signature is None else signature
        head = ENVELOPE_HEAD.pack(b"HGEV", 1, SUITES[self.suite], 0, self.key_id, len(data),
                                  len(signature))
        return padded(head + data + signature)
