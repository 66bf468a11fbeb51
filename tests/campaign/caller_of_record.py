"""A client under one identity that insists until it is answered, and writes everything down."""

import collections

import grpc

from contract import v1
from caller import new_id

NOBODY_THERE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED,
                grpc.StatusCode.DEADLINE_EXCEEDED)
LINKED, HOLD, POST, VOID = 1, 2, 4, 8
PHASES = {v1.TRANSFER_PHASE_UNSPECIFIED: 0, v1.TRANSFER_PHASE_HOLD: HOLD,
          v1.TRANSFER_PHASE_POST: POST, v1.TRANSFER_PHASE_VOID: VOID}
SECONDS = 2.0  # after which a call is given up and repeated; a node may be paused for longer


class Stopped(Exception):
    """The campaign failed or is over: no more insisting."""


def content_of(request):
    """What the request asks for, in the form in which journal.py reads it from a ledger; None for
    what only operators send."""
    if isinstance(request, v1.Transfer):
        return ["transfer", request.debit_account, request.credit_account, request.asset,
                request.amount_minor, request.expires_at_ns,
                PHASES[request.phase] | (LINKED if request.linked else 0),
                request.pending_id.value.hex()]
    if isinstance(request, v1.InstructRequest):
        return ["instruct", request.responder_node, request.kind, request.original_id.value.hex(),
                request.decide_by_ns,
                [[leg.initiator_account, leg.responder_account, leg.asset, leg.amount_minor,
                  leg.direction] for leg in request.legs]]
    if isinstance(request, v1.AffirmRequest):
        return ["affirm", request.settlement_id.value.hex(), int(request.decline)]
    if isinstance(request, v1.RecallRequest):
        return ["recall", request.settlement_id.value.hex(), request.reason]
    if isinstance(request, v1.OpenAccountRequest):
        return ["open_account", request.asset, request.kind, request.alias]
    return None


class RecordingCaller:
    """One thread's. `caller` is the identity's stubs."""

    def __init__(self, caller, node, record, halt):
        self.caller = caller
        self.node = node  # its number
        self.record = record
        self.halt = halt  # an event: the campaign failed
        self.node_time = 0  # the latest that the node told
        self.earlier = collections.deque(maxlen=400)  # (method, request)
        self.refusals = collections.Counter()

    def insist(self, method, request, gives_up=lambda: False):
        """The answer; the same request again while nobody is there. None when `gives_up()`."""
        while not self.halt.is_set():
            try:
                return method(request, timeout=SECONDS, wait_for_ready=True)
            except grpc.RpcError as error:
                code = error.code()
                if code == grpc.StatusCode.RESOURCE_EXHAUSTED:
                    self.halt.wait(0.02)
                elif code not in NOBODY_THERE and not is_torn(error):
                    raise
                if gives_up():
                    return None
        raise Stopped

    def note(self, own, content, outcome, entry=None):
        self.node_time = max(self.node_time, outcome.decided_at_ns)
        self.record.answer(self.node, own, content, outcome.code, outcome.value,
                           outcome.decided_at_ns, outcome.seqno, outcome.repeated)
        if outcome.code:
            self.refusals[outcome.code_name] += 1

    def order(self, method, request, gives_up=lambda: False, is_kept=True):
        """Sends one command and writes down its answer: the outcome, or None when given up."""
        own = request.transfer if isinstance(request, v1.SubmitRequest) else request
        content = content_of(own)
        self.record.sent(self.node, own.id.value.hex(), content)
        answer = self.insist(method, request, gives_up)
        if answer is None:
            return None
        self.note(own.id.value.hex(), content, answer.outcome)
        if is_kept:
            self.earlier.append((method, request))
        return answer.outcome

    def transfer(self, gives_up=lambda: False, **fields):
        transfer = v1.Transfer(**{"id": new_id(), **fields})
        return self.order(self.caller.transfers.Submit, v1.SubmitRequest(transfer=transfer),
                          gives_up)

    def batch(self, transfers, gives_up=lambda: False):
        contents = [content_of(each) for each in transfers]
        for each, content in zip(transfers, contents):
            self.record.sent(self.node, each.id.value.hex(), content)
        answer = self.insist(self.caller.transfers.SubmitBatch,
                             v1.SubmitBatchRequest(transfers=transfers), gives_up)
        if answer is None:
            return
        exceptions = {each.index: each.outcome for each in answer.exceptions}
        assert answer.transfer_count == len(transfers), answer
        for index, (each, content) in enumerate(zip(transfers, contents)):
            outcome = exceptions.get(index) or v1.Outcome(
                value=each.amount_minor, seqno=answer.seqno,
                decided_at_ns=answer.decided_at_ns + index)
            self.note(each.id.value.hex(), content, outcome)

    def look(self, settlement_id, wait_ms=0):
        """The settlement as the node sees it, a final status written down; None when unknown."""
        request = v1.GetSettlementRequest(id=settlement_id, wait_ms=wait_ms)
        try:
            found = self.insist(self.caller.settlements.GetSettlement, request).settlement
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.NOT_FOUND:
                return None
            raise
        if found.status in (v1.SETTLEMENT_STATUS_SETTLED, v1.SETTLEMENT_STATUS_REFUSED):
            self.record.told(self.node, settlement_id.value.hex(), found.status, found.code)
        return found


def is_torn(error):
    """A connection that ended under a call, as gRPC's library words it."""
    words = ("RST_STREAM", "Stream removed", "Socket closed", "Connection reset")
    return error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL) and any(
        word in (error.details() or "") for word in words)
