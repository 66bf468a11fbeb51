"""The entries of a ledger as docs/FORMAT.md shows them, read with struct alone from the bytes that
`hugang-audit dump --raw` writes. Nothing here is shared with the programs that wrote them.

Ids are hexadecimal in reading order, as UUIDs are written. Times are nanoseconds."""

import dataclasses
import struct

ENTRY_HEAD = struct.Struct("<8sHHIQq16s16sIIIIII24s16s")
GROUP_HEAD = struct.Struct("<HHIIIQQ")
OUTCOME = struct.Struct("<HHIQq")
EVENT_HEAD = struct.Struct("<HHIq")
TRANSFER = struct.Struct("<16s16s16sQQqqqIHH")
REGISTER_ASSET = struct.Struct("<16sII")  # what counts of it
OPEN_ACCOUNT = struct.Struct("<16sIIIHHII24s")
UPDATE_ACCOUNT = struct.Struct("<16sQII32s")
INSTRUCT_HEAD = struct.Struct("<16s16sIIHHIqqQQ")
LEG = struct.Struct("<QQqIHHQ")
AFFIRM = struct.Struct("<16s16sI28s")
RECALL = struct.Struct("<16s16s4s28s")
PEER_ENVELOPE_HEAD = struct.Struct("<16sIIQ")
PAYLOAD_HEAD = struct.Struct("<IHHIIIIQQq32s32s")
ENVELOPE_HEAD = struct.Struct("<4sHBBQII")
MESSAGE_HEAD = struct.Struct("<IHH")
DECISION = struct.Struct("<16sHHIqQQ")
HOLD_EXPIRED = struct.Struct("<16sqQ")
MESSAGE_QUEUED = struct.Struct("<IIQ32s32s")
SETTLEMENT_CHANGED = struct.Struct("<16sIHHQ")
PEER_HALTED = struct.Struct("<IHHQQ")
assert (ENTRY_HEAD.size, GROUP_HEAD.size, OUTCOME.size, EVENT_HEAD.size, TRANSFER.size,
        OPEN_ACCOUNT.size, UPDATE_ACCOUNT.size, INSTRUCT_HEAD.size, LEG.size, AFFIRM.size,
        RECALL.size, PEER_ENVELOPE_HEAD.size, PAYLOAD_HEAD.size, ENVELOPE_HEAD.size,
        DECISION.size, HOLD_EXPIRED.size, MESSAGE_QUEUED.size, SETTLEMENT_CHANGED.size,
        PEER_HALTED.size) == (128, 32, 24, 16, 96, 64, 64, 80, 40, 64, 64, 32, 112, 24, 48, 32,
                              80, 32, 24)

KINDS = {1: "genesis", 2: "register_asset", 3: "register_participant", 4: "open_account",
         5: "update_account", 6: "transfer", 7: "instruct", 8: "affirm", 9: "recall",
         10: "peer_envelope", 11: "tick", 12: "register_peer", 13: "rotate_key",
         14: "reconcile", 15: "set_rules", 16: "update_participant", 17: "peer_ack",
         18: "resume_peer"}
HOLD, POST, VOID = 2, 4, 8  # flags of transfers
REPEATED = 1  # flag of outcomes
CUSTOMER, RESERVE, CORRIDOR = 1, 2, 3  # kinds of accounts
NO_DEBIT_BALANCE, NO_CREDIT_BALANCE = 1, 2  # flags of accounts
OUT = 1  # direction of legs: the initiator's side pays
SENT, PENDING, SETTLED, REFUSED = 1, 2, 3, 4  # of settlements
INSTRUCT, DECISION_KIND = 1, 2  # kinds of messages


class Unreadable(Exception):
    """The bytes are no entry."""


@dataclasses.dataclass
class Command:
    kind: str
    caller: int
    id: str  # "" for those without
    record: bytes
    at: int
    code: int
    value: int
    decided_at: int
    is_repeated: bool

    def content(self):
        """What the client asked for, in the form in which clients note it down; None for kinds
        that they do not send."""
        read = CONTENTS.get(self.kind)
        return read(self.record) if read else None


@dataclasses.dataclass
class Event:
    kind: int
    at: int
    body: bytes


@dataclasses.dataclass
class Entry:
    node: int
    seqno: int
    at: int
    previous: bytes
    checksum: bytes
    commands: list
    events: list


@dataclasses.dataclass(frozen=True)
class Leg:
    initiator_account: int
    responder_account: int
    amount: int
    asset: int
    is_out: bool


@dataclasses.dataclass
class Instruction:
    id: str
    initiator: int
    responder: int
    kind: int
    original: str
    decide_by: int
    legs: tuple


def id_text(data):
    """Records hold an id as a little-endian number; people read its digits."""
    return data[::-1].hex()


def padded(size):
    return size + -size % 8


def instruction(record):
    (own, original, initiator, responder, kind, leg_count, _, decide_by, _, _, _
     ) = INSTRUCT_HEAD.unpack_from(record)
    legs = []
    for index in range(leg_count):
        pays, receives, amount, asset, direction, _, _ = LEG.unpack_from(
            record, INSTRUCT_HEAD.size + index * LEG.size)
        legs.append(Leg(pays, receives, amount, asset, direction == OUT))
    return Instruction(id_text(own), initiator, responder, kind,
                       id_text(original) if any(original) else "", decide_by, tuple(legs))


def transfer_content(record):
    _, pending, _, debit, credit, amount, expires, _, asset, _, flags = TRANSFER.unpack(record)
    return ["transfer", debit, credit, asset, amount, expires, flags,
            id_text(pending) if any(pending) else ""]


def instruct_content(record):
    read = instruction(record)
    return ["instruct", read.responder, read.kind, read.original, read.decide_by,
            [[leg.initiator_account, leg.responder_account, leg.asset, leg.amount,
              1 if leg.is_out else 2] for leg in read.legs]]


def affirm_content(record):
    _, settlement, decline, _ = AFFIRM.unpack(record)
    return ["affirm", id_text(settlement), decline]


def recall_content(record):
    _, settlement, reason, _ = RECALL.unpack(record)
    return ["recall", id_text(settlement), reason.rstrip(b"\0").decode()]


def open_account_content(record):
    _, _, asset, _, kind, _, _, _, alias = OPEN_ACCOUNT.unpack(record)
    return ["open_account", asset, kind, alias.rstrip(b"\0").decode()]


CONTENTS = {"transfer": transfer_content, "instruct": instruct_content, "affirm": affirm_content,
            "recall": recall_content, "open_account": open_account_content}


def commands_of(data, begin, group_count, outcomes, at):
    commands, place, index = [], begin, 0
    for _ in range(group_count):
        kind, _, count, caller, size, _, _ = GROUP_HEAD.unpack_from(data, place)
        place += GROUP_HEAD.size
        name = KINDS.get(kind, f"kind {kind}")
        for _ in range(count):
            record = data[place:place + size]
            place += size
            code, flags, _, value, decided = OUTCOME.unpack_from(outcomes, index * OUTCOME.size)
            own = record[:16]
            commands.append(Command(name, caller, id_text(own) if any(own) else "", record,
                                    at + index, code, value, decided, bool(flags & REPEATED)))
            index += 1
    return commands, place


def events_of(data):
    events, place = [], 0
    while place < len(data):
        kind, _, size, at = EVENT_HEAD.unpack_from(data, place)
        place += EVENT_HEAD.size
        events.append(Event(kind, at, data[place:place + size]))
        place += padded(size)
    return events


def entries(data):
    """The entries in these bytes, one behind the other."""
    place, result = 0, []
    while place < len(data):
        if place + ENTRY_HEAD.size > len(data):
            raise Unreadable(f"{len(data) - place} bytes behind the last entry")
        (magic, form, _, node, seqno, at, previous, _, command_count, group_count,
         commands_bytes, outcomes_bytes, events_bytes, _, _, checksum
         ) = ENTRY_HEAD.unpack_from(data, place)
        if magic != b"HGENTRY\0" or form != 1:
            raise Unreadable(f"no entry at byte {place}")
        begin = place + ENTRY_HEAD.size
        outcomes = data[begin + commands_bytes:begin + commands_bytes + outcomes_bytes]
        end = begin + commands_bytes + outcomes_bytes + events_bytes
        if end > len(data) or len(outcomes) != command_count * OUTCOME.size:
            raise Unreadable(f"entry {seqno} is cut")
        commands, read_to = commands_of(data, begin, group_count, outcomes, at)
        if read_to != begin + commands_bytes or len(commands) != command_count:
            raise Unreadable(f"entry {seqno}: its commands do not fill their section")
        result.append(Entry(node, seqno, at, previous, checksum, commands,
                            events_of(data[end - events_bytes:end])))
        place = end
    return result


@dataclasses.dataclass
class Payload:
    sender: int
    receiver: int
    first: int
    chain_before: bytes
    messages: list  # whole, with head and padding


def payload_of(record):
    """What the envelope in a peer_envelope record carries."""
    begin = PEER_ENVELOPE_HEAD.size
    _, _, _, _, _, payload_bytes, _ = ENVELOPE_HEAD.unpack_from(record, begin)
    data = record[begin + ENVELOPE_HEAD.size:begin + ENVELOPE_HEAD.size + payload_bytes]
    (_, _, _, sender, receiver, count, _, first, _, _, chain_before, _
     ) = PAYLOAD_HEAD.unpack_from(data)
    place, messages = PAYLOAD_HEAD.size, []
    for _ in range(count):
        size = MESSAGE_HEAD.size + padded(MESSAGE_HEAD.unpack_from(data, place)[0])
        messages.append(data[place:place + size])
        place += size
    return Payload(sender, receiver, first, chain_before, messages)


def message_kind(message):
    return MESSAGE_HEAD.unpack_from(message)[1]


def message_body(message):
    size = MESSAGE_HEAD.unpack_from(message)[0]
    return message[MESSAGE_HEAD.size:MESSAGE_HEAD.size + size]
