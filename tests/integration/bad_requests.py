"""A good request for each method of the contract, and what can be wrong with each field of it."""

import subprocess
import time

from google.protobuf import descriptor

from caller import leg, new_id
from cities import CNY, HONGKONG
from contract import v1

FAR = 4_000_000_000_000_000_000  # in the year 2096
BIG = b"x" * (4 * 1_024 * 1_024 - 4_096)  # with its message just below what gRPC takes
MARK = "MARKMARK"  # stands where bytes that are no UTF-8 are put on the wire
BAD_UTF8 = (b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",      # never UTF-8
            b"ok \xc0\xaf \xc1",                     # overlong
            b"x\xed\xa0\x80xxxx",                    # a surrogate
            b"\xf4\x90\x80\x80\xf4\x90\x80\x80")    # above U+10FFFF
INTEGERS = {
    descriptor.FieldDescriptor.TYPE_INT64: (-1, -2**63, 2**63 - 1, 0, 10**17 + 1),
    descriptor.FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1, 1),
    descriptor.FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1, 77_777),
    descriptor.FieldDescriptor.TYPE_INT32: (0, -1, 2**31 - 1),
}


def public_key_der(pem):
    return subprocess.run(["openssl", "pkey", "-pubin", "-in", str(pem), "-outform", "DER"],
                          check=True, capture_output=True).stdout


def good_requests(world, scratch, peer_key):
    """Method path -> (request maker, who sends it). Each maker gives a new id."""
    alice, operator = world.alice, world.shanghai.operator
    to, cny = world.of("anna", CNY), world.of("alice", CNY)

    def transfer():
        return v1.Transfer(id=new_id(), debit_account=cny, credit_account=to, asset=CNY.id,
                           amount_minor=1)

    def instruct():
        return v1.InstructRequest(
            id=new_id(), responder_node=HONGKONG.id, kind=v1.SETTLEMENT_KIND_PAYMENT,
            legs=[leg(cny, world.of("bob", CNY), CNY, 1)],
            details=v1.PaymentDetails(instruction_id="I-1", end_to_end_id="E-1",
                                      debtor=v1.Party(name="Alice", local_name="爱丽丝",
                                                      address=["1 Bund"], country="CN"),
                                      purpose_code="GDDS", remittance=["invoice 7"]))

    def key(valid_from):
        return v1.SigningKey(suite="ed25519", public_key_der=peer_key, valid_from_ns=valid_from,
                             valid_to_ns=FAR)

    now = time.time_ns()
    makers = {
        "TransferService/Submit": (lambda: v1.SubmitRequest(transfer=transfer()), alice),
        "TransferService/SubmitBatch": (
            lambda: v1.SubmitBatchRequest(transfers=[transfer()]), alice),
        "TransferService/GetTransfer": (lambda: v1.GetTransferRequest(id=new_id()), alice),
        "TransferService/ListTransfers": (
            lambda: v1.ListTransfersRequest(account=cny, from_ns=1, to_ns=FAR, page_size=3), alice),
        "AccountService/OpenAccount": (
            lambda: v1.OpenAccountRequest(id=new_id(), asset=CNY.id, alias="spare",
                                          kind=v1.ACCOUNT_KIND_CUSTOMER), alice),
        "AccountService/GetAccount": (lambda: v1.GetAccountRequest(number=cny), alice),
        "AccountService/ListAccounts": (
            lambda: v1.ListAccountsRequest(after_number=cny, page_size=10), alice),
        "AccountService/ListAssets": (lambda: v1.ListAssetsRequest(), alice),
        "SettlementService/Instruct": (instruct, alice),
        "SettlementService/Affirm": (
            lambda: v1.AffirmRequest(id=new_id(), settlement_id=new_id()), alice),
        "SettlementService/Recall": (
            lambda: v1.RecallRequest(id=new_id(), settlement_id=new_id(), reason="DUPL"), alice),
        "SettlementService/GetSettlement": (
            lambda: v1.GetSettlementRequest(id=new_id(), wait_ms=1), alice),
        "SettlementService/ListSettlements": (
            lambda: v1.ListSettlementsRequest(page_size=3, open_only=True), alice),
        "PositionService/ListPositions": (lambda: v1.ListPositionsRequest(), operator),
        "PositionService/Reconcile": (
            lambda: v1.ReconcileRequest(id=new_id(), peer_node=HONGKONG.id,
                                        business_date=20260105), operator),
        "PositionService/GetReconciliation": (
            lambda: v1.GetReconciliationRequest(id=new_id(), wait_ms=1), operator),
        "AdminService/RegisterParticipant": (
            lambda: v1.RegisterParticipantRequest(id=new_id(), participant=v1.Participant(
                code="EXTRA", roles=[v1.ROLE_PARTICIPANT], bic="HGHPCNSHXXX",
                lei="9999HGHPSHANGHAI0168", name="Extra Bank", local_name="外行")), operator),
        "AdminService/UpdateParticipant": (
            lambda: v1.UpdateParticipantRequest(id=new_id(), participant_id=scratch.participant,
                                                suspend=True), operator),
        "AdminService/ListParticipants": (lambda: v1.ListParticipantsRequest(), operator),
        "AdminService/RegisterAsset": (
            lambda: v1.RegisterAssetRequest(id=new_id(), asset=v1.Asset(
                id=88, code="TEST.X", issuer_node=1, scale=2)), operator),
        "AdminService/UpdateAccount": (
            lambda: v1.UpdateAccountRequest(id=new_id(), account=scratch.account, frozen=True),
            operator),
        "AdminService/RegisterPeer": (
            lambda: v1.RegisterPeerRequest(id=new_id(), peer_node=9, code="macau",
                                           key=key(now)), operator),
        "AdminService/RotateKey": (
            lambda: v1.RotateKeyRequest(id=new_id(), key=key(now), previous_valid_to_ns=FAR),
            operator),
        "AdminService/ResumePeer": (
            lambda: v1.ResumePeerRequest(id=new_id(), peer_node=HONGKONG.id), operator),
        "AdminService/SetRules": (
            lambda: v1.SetRulesRequest(id=new_id(), version=1_000, effective_from_ns=FAR,
                                       rules=[v1.Rule(kind=v1.RULE_KIND_SINGLE_MAX, asset=CNY.id,
                                                      value_minor=10**15)]), operator),
        "AdminService/GetNodeStatus": (lambda: v1.GetNodeStatusRequest(), operator),
    }
    return {f"/hugang.v1.{path}": made for path, made in makers.items()}


def walk(message, path=()):
    """Every field of the message and of the messages in it, as (path, descriptor); lists by their
    first element."""
    for each in message.DESCRIPTOR.fields:
        here = (*path, each.name)
        yield here, each
        if each.type != descriptor.FieldDescriptor.TYPE_MESSAGE:
            continue
        value = getattr(message, each.name)
        if each.label == descriptor.FieldDescriptor.LABEL_REPEATED:
            if len(value) > 0:
                yield from walk(value[0], (*here, 0))
        else:
            yield from walk(value, here)


def place(message, path):
    """The message that holds the last name of the path."""
    for step in path[:-1]:
        message = message[step] if isinstance(step, int) else getattr(message, step)
    return message


def assign(message, path, value):
    """Sets one field; a list gets the value as its only element."""
    holder, name = place(message, path), path[-1]
    each = holder.DESCRIPTOR.fields_by_name[name]
    if each.label == descriptor.FieldDescriptor.LABEL_REPEATED:
        del getattr(holder, name)[:]
        getattr(holder, name).append(value)
    else:
        setattr(holder, name, value)


def wrong_values(each):
    """(what, value) for one field that is no message."""
    kind = each.type
    if kind == descriptor.FieldDescriptor.TYPE_STRING:
        return [("empty", ""), ("a control", "a\u0007b"), ("a line break", "a\nb"),
                ("a NUL", "a\0b"), ("long", "Z" * 10_000), ("markup", "<&>'\"%s%n"),
                ("4 MB", BIG.decode())]
    if kind == descriptor.FieldDescriptor.TYPE_BYTES:
        return [("empty", b""), ("one byte", b"\x01"), ("15 bytes", b"\x02" * 15),
                ("17 bytes", b"\x03" * 17), ("zeros", bytes(16)), ("ones", b"\xff" * 16),
                ("4 MB", BIG)]
    if kind == descriptor.FieldDescriptor.TYPE_ENUM:
        return [(str(value), value) for value in (0, 99, -1)]
    if kind == descriptor.FieldDescriptor.TYPE_BOOL:
        return [("other", True)]
    return [(str(value), value) for value in INTEGERS[kind]]


def mutations(make):
    """(what, bytes of the request) for everything that can be wrong with one field."""
    for path, each in walk(make()):
        where = ".".join(str(step) for step in path)
        request = make()
        place(request, path).ClearField(path[-1])
        yield f"{where} missing", request.SerializeToString()
        if each.type == descriptor.FieldDescriptor.TYPE_MESSAGE:
            if each.label == descriptor.FieldDescriptor.LABEL_REPEATED:
                request = make()
                some = getattr(place(request, path), path[-1])
                some.extend([some[0] if len(some) else each.message_type._concrete_class()]
                            * 20_000)
                yield f"{where} 20,000 times", request.SerializeToString()
            continue
        for what, value in wrong_values(each):
            request = make()
            assign(request, path, value)
            yield f"{where} {what}", request.SerializeToString()
        if each.type == descriptor.FieldDescriptor.TYPE_STRING:
            request = make()
            assign(request, path, MARK)
            for bad in BAD_UTF8:
                yield f"{where} {bad!r}", request.SerializeToString().replace(MARK.encode(), bad)
