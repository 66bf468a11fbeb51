"""A client of one node under one identity, and the questions and orders that tests repeat."""

import dataclasses
import uuid

import grpc

from contract import rpc, v1
from process import quick_options
from waiting import PATIENCE, wait_until

FINAL = (v1.SETTLEMENT_STATUS_SETTLED, v1.SETTLEMENT_STATUS_REFUSED)


def new_id():
    return v1.Id(value=uuid.uuid4().bytes)


@dataclasses.dataclass(frozen=True)
class Refusal:
    """What a failed call said: the status, and ErrorInfo of grpc-status-details-bin."""
    code: grpc.StatusCode
    message: str
    reason: str
    domain: str
    metadata: dict


def refusal_of(error):
    """Decodes the trailer; a call without details has an empty reason."""
    trailer = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if trailer is None:
        return Refusal(error.code(), error.details(), "", "", {})
    status = rpc.Status.FromString(trailer)
    info = rpc.ErrorInfo()
    assert len(status.details) == 1, status
    assert status.details[0].Unpack(info), status.details[0].type_url
    assert status.code == error.code().value[0], (status.code, error.code())
    assert status.message == error.details(), (status.message, error.details())
    return Refusal(error.code(), error.details(), info.reason, info.domain, dict(info.metadata))


class Caller:
    """Opens its channel at once; close() ends it."""

    def __init__(self, address, credentials, name):
        self.name = name
        self.channel = grpc.secure_channel(address, credentials, quick_options())
        self.transfers = v1.TransferServiceStub(self.channel)
        self.accounts = v1.AccountServiceStub(self.channel)
        self.settlements = v1.SettlementServiceStub(self.channel)
        self.positions = v1.PositionServiceStub(self.channel)
        self.admin = v1.AdminServiceStub(self.channel)

    def close(self):
        self.channel.close()

    @staticmethod
    def call(method, request, timeout=None):
        """Waits for a node that is just coming back."""
        return method(request, timeout=timeout or PATIENCE, wait_for_ready=True)

    def refused(self, method, request, timeout=None):
        """The refusal of a call that must fail."""
        try:
            answer = self.call(method, request, timeout)
        except grpc.RpcError as error:
            return refusal_of(error)
        raise AssertionError(f"{self.name}: was accepted: {answer}")

    # ---- Accounts and local money ----

    def open_account(self, asset, **fields):
        request = v1.OpenAccountRequest(id=new_id(), asset=asset.id,
                                        kind=v1.ACCOUNT_KIND_CUSTOMER, **fields)
        outcome = self.call(self.accounts.OpenAccount, request).outcome
        assert outcome.code_name == "OK", outcome
        return outcome.value

    def account(self, number):
        return self.call(self.accounts.GetAccount, v1.GetAccountRequest(number=number)).account

    def balance(self, number):
        return int(self.account(number).balance_minor)

    def all_accounts(self):
        accounts, after = [], 0
        while True:
            page = self.call(self.accounts.ListAccounts,
                             v1.ListAccountsRequest(after_number=after, page_size=1_000))
            accounts += page.accounts
            if not page.has_more:
                return accounts
            after = page.accounts[-1].number

    def reserve(self, asset):
        return next(account.number for account in self.all_accounts()
                    if account.kind == v1.ACCOUNT_KIND_RESERVE and account.asset == asset.id)

    def transfer(self, debit, credit, asset, amount, **fields):
        transfer = v1.Transfer(debit_account=debit, credit_account=credit, asset=asset.id,
                               amount_minor=amount, **{"id": new_id(), **fields})
        return self.call(self.transfers.Submit, v1.SubmitRequest(transfer=transfer)).outcome

    def issue(self, asset, account, amount):
        """By the operator: new money out of the reserve."""
        outcome = self.transfer(self.reserve(asset), account, asset, amount)
        assert outcome.code_name == "OK", outcome

    # ---- Settlements ----

    def instruct(self, request):
        return self.call(self.settlements.Instruct, request).outcome

    def settlement(self, settlement_id, wait_ms=0):
        request = v1.GetSettlementRequest(id=settlement_id, wait_ms=wait_ms)
        return self.call(self.settlements.GetSettlement, request,
                         PATIENCE + wait_ms / 1_000).settlement

    def final(self, settlement_id):
        """The settlement once it is settled or refused."""
        def look():
            settlement = self.settlement(settlement_id, wait_ms=2_000)
            return settlement if settlement.status in FINAL else None
        return wait_until(look, f"final: {settlement_id.value.hex()}")

    def seen(self, settlement_id):
        """The settlement as soon as this side knows of it."""
        def look():
            try:
                return self.settlement(settlement_id)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.NOT_FOUND:
                    return None
                raise
        return wait_until(look, f"known here: {settlement_id.value.hex()}")

    def affirm(self, settlement_id, decline=False, **fields):
        request = v1.AffirmRequest(settlement_id=settlement_id, decline=decline,
                                   **{"id": new_id(), **fields})
        return self.call(self.settlements.Affirm, request).outcome

    def recall(self, settlement_id, reason="DUPL"):
        request = v1.RecallRequest(id=new_id(), settlement_id=settlement_id, reason=reason)
        return self.call(self.settlements.Recall, request).outcome

    # ---- The operator's ----

    def status(self):
        return self.call(self.admin.GetNodeStatus, v1.GetNodeStatusRequest())

    def peer(self, node):
        return next(peer for peer in self.status().peers if peer.node == node)

    def reconcile(self, peer, date=20260105):
        request = v1.ReconcileRequest(id=new_id(), peer_node=peer, business_date=date)
        outcome = self.call(self.positions.Reconcile, request).outcome
        assert outcome.code_name == "OK", outcome
        return self.call(self.positions.GetReconciliation, v1.GetReconciliationRequest(
            id=request.id, wait_ms=int(PATIENCE * 1_000)), 2 * PATIENCE)


def leg(pays, receives, asset, amount, direction=v1.LEG_DIRECTION_OUT):
    """Seen from the initiator: out from `pays` there, or in from `pays` at the responder's."""
    goes_out = direction == v1.LEG_DIRECTION_OUT
    return v1.Leg(initiator_account=pays if goes_out else receives,
                  responder_account=receives if goes_out else pays,
                  asset=asset.id, amount_minor=amount, direction=direction)


def leg_in(pays, receives, asset, amount):
    return leg(pays, receives, asset, amount, v1.LEG_DIRECTION_IN)


def payment(responder, *legs, **fields):
    return v1.InstructRequest(**{"id": new_id(), "responder_node": responder.id,
                                 "kind": v1.SETTLEMENT_KIND_PAYMENT, "legs": legs, **fields})


def exchange(responder, kind, *legs, **fields):
    return payment(responder, *legs, kind=kind, **fields)
