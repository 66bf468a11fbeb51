"""The workload: customers of both cities who do everything that a customer can, at random, and an
operator each. A seed per client; what the others and the nodes do in between is not repeatable."""

import collections
import random
import threading
import traceback

import grpc

from caller import leg, leg_in, new_id, payment
from caller_of_record import RecordingCaller, Stopped
from cities import CNY, HKD, HONGKONG, SHANGHAI, XAU
from contract import v1

ASSETS = (CNY, HKD, XAU)
RICH = 10**12
SECOND = 10**9
LONG_STORY = v1.PaymentDetails(remittance=["about this payment there is much to say " * 3] * 30)
NOWHERE = {SHANGHAI.id: 1_009_999_999_902, HONGKONG.id: 2_009_999_999_949}


class Board:
    """What clients know of each other. Any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.accounts = {}  # (city id, asset) -> [number]
        self.settled = collections.defaultdict(lambda: collections.deque(maxlen=200))
        self.is_heavy = threading.Event()  # set: fill the journals quickly

    def add_account(self, city, asset, number):
        with self.lock:
            self.accounts.setdefault((city.id, asset), []).append(number)

    def any_account(self, rng, city, asset):
        """Half of the time one of the first four: those are hot."""
        with self.lock:
            known = self.accounts[city.id, asset]
            return rng.choice(known[:4] if rng.random() < 0.5 else known)


class Client:
    """One thread with one identity. Subclasses say what it does in one step."""

    def __init__(self, name, city, caller, record, board, seed, halt):
        self.name = name
        self.city = city
        self.other = HONGKONG if city is SHANGHAI else SHANGHAI
        self.rng = random.Random(f"{seed}/{name}")
        self.board = board
        self.halt = halt
        self.over = threading.Event()
        self.calls = RecordingCaller(caller, city.id, record, halt)
        self.failure = None
        self.steps = 0
        self.thread = threading.Thread(target=self.run, name=name, daemon=True)

    def run(self):
        try:
            while not self.over.is_set() and not self.halt.is_set():
                self.step()
                self.steps += 1
        except Stopped:
            pass
        except Exception as error:  # whatever it is, the campaign tells it and ends
            self.failure = f"client {self.name}: {error}\n{traceback.format_exc()}"
            self.halt.set()

    def gives_up(self):
        """For commands that end by themselves whether or not they arrived."""
        return self.over.is_set() or self.rng.random() < 0.1

    def retry(self):
        """Something from long ago again: the same, or other content under its id."""
        if not self.calls.earlier:
            return
        method, request = self.rng.choice(self.calls.earlier)
        again = type(request).FromString(request.SerializeToString())
        if self.rng.random() < 0.3:
            if isinstance(again, v1.SubmitRequest):
                again.transfer.amount_minor += 1
            elif isinstance(again, v1.InstructRequest):
                again.legs[0].amount_minor += 1
            elif isinstance(again, v1.AffirmRequest):
                again.decline = not again.decline
            elif isinstance(again, v1.RecallRequest):
                again.reason = "CUST" if again.reason == "DUPL" else "DUPL"
        self.calls.order(method, again, is_kept=False)


class Customer(Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.own = collections.defaultdict(list)  # asset -> account numbers
        self.holds = []
        self.instructed = collections.deque(maxlen=100)
        self.actions = ((self.pay_here, 18), (self.pay_many, 7), (self.hold, 9),
                        (self.end_hold, 9), (self.pay_across, 16), (self.exchange, 7),
                        (self.affirm, 6), (self.recall, 4), (self.give_back, 5),
                        (self.follow, 9), (self.retry, 9), (self.open_account, 1))

    def step(self):
        if self.board.is_heavy.is_set():
            self.pay_across(LONG_STORY)
            return
        actions, weights = zip(*self.actions)
        self.rng.choices(actions, weights)[0]()

    def open_account(self, asset=None):
        asset = asset or self.rng.choice(ASSETS)
        request = v1.OpenAccountRequest(id=new_id(), asset=asset.id, alias=self.name[:24],
                                        kind=v1.ACCOUNT_KIND_CUSTOMER)
        outcome = self.calls.order(self.calls.caller.accounts.OpenAccount, request)
        if outcome.code == 0 and len(self.own[asset]) < 8:
            self.own[asset].append(outcome.value)
            self.board.add_account(self.city, asset, outcome.value)

    # ---- Inside one ledger ----

    def amount(self):
        return RICH * 10 if self.rng.random() < 0.03 else self.rng.randint(1, 5_000)

    def movement(self, **fields):
        """The fields of a transfer out of an own account."""
        asset = self.rng.choice(ASSETS)
        return {"debit_account": self.rng.choice(self.own[asset]), "asset": asset.id,
                "credit_account": self.board.any_account(self.rng, self.city, asset),
                "amount_minor": self.amount(), **fields}

    def pay_here(self):
        self.calls.transfer(self.gives_up, **self.movement())

    def pay_many(self):
        transfers, chained = [], 0
        for _ in range(self.rng.randint(2, 30)):
            if chained == 0 and self.rng.random() < 0.2:
                chained = self.rng.randint(2, 4)
            transfers.append(v1.Transfer(id=new_id(), linked=chained > 1, **self.movement()))
            chained = max(0, chained - 1)
        transfers[-1].linked = False
        self.calls.batch(transfers, self.gives_up)
        if self.rng.random() < 0.1:
            self.calls.batch(transfers, self.gives_up)  # the whole batch again

    def hold(self):
        expires = 0
        if self.rng.random() < 0.5:
            expires = self.calls.node_time + self.rng.randint(SECOND // 10, 3 * SECOND)
        fields = self.movement(id=new_id(), phase=v1.TRANSFER_PHASE_HOLD, expires_at_ns=expires)
        never = (lambda: False) if expires == 0 else self.gives_up
        outcome = self.calls.transfer(never, **fields)
        if outcome is not None and outcome.code == 0:
            self.holds.append((fields["id"], fields["amount_minor"], expires != 0))

    def end_hold(self):
        if not self.holds:
            return
        hold, amount, _ = self.holds.pop(self.rng.randrange(len(self.holds)))
        phase, part = v1.TRANSFER_PHASE_VOID, 0
        if self.rng.random() < 0.7:
            phase = v1.TRANSFER_PHASE_POST
            part = self.rng.choice((0, max(1, amount // 2), amount, amount + 1))
        outcome = self.calls.transfer(pending_id=hold, phase=phase, amount_minor=part)
        if outcome.code_name not in ("OK", "HOLD_EXPIRED", "HOLD_POSTED", "HOLD_VOIDED"):
            self.holds.append((hold, amount, False))

    # ---- Across the border ----

    def decide_by(self):
        if self.rng.random() < 0.7:
            return 0
        return self.calls.node_time + self.rng.randint(SECOND // 5, 4 * SECOND)

    def instruct(self, request):
        outcome = self.calls.order(self.calls.caller.settlements.Instruct, request)
        if outcome.code == 0:
            self.instructed.append(request)

    def sides(self, asset):
        there = (NOWHERE[self.other.id] if self.rng.random() < 0.03 else
                 self.board.any_account(self.rng, self.other, asset))
        return self.rng.choice(self.own[asset]), there

    def pay_across(self, details=None):
        legs = []
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            asset = self.rng.choice(ASSETS)
            legs.append(leg(*self.sides(asset), asset, self.amount()))
        self.instruct(payment(self.other, *legs, decide_by_ns=self.decide_by(), details=details))

    def exchange(self):
        kind, gives, takes = self.rng.choice((
            (v1.SETTLEMENT_KIND_PVP, CNY, HKD), (v1.SETTLEMENT_KIND_PVP, HKD, CNY),
            (v1.SETTLEMENT_KIND_DVP, XAU, CNY), (v1.SETTLEMENT_KIND_DVP, XAU, HKD)))
        own, there = self.sides(takes)
        self.instruct(payment(self.other, leg(*self.sides(gives), gives, self.amount()),
                              leg_in(there, own, takes, self.amount()), kind=kind,
                              decide_by_ns=self.decide_by()))

    def affirm(self):
        request = v1.ListSettlementsRequest(awaiting_affirmation_only=True, page_size=20)
        waiting = self.calls.insist(self.calls.caller.settlements.ListSettlements,
                                    request).settlements
        for settlement in waiting:
            if self.rng.random() < 0.8:
                order = v1.AffirmRequest(id=new_id(), settlement_id=settlement.id,
                                         decline=self.rng.random() < 0.15)
                self.calls.order(self.calls.caller.settlements.Affirm, order)

    def recall(self):
        if self.instructed:
            settlement = self.rng.choice(self.instructed).id
            self.calls.order(self.calls.caller.settlements.Recall, v1.RecallRequest(
                id=new_id(), settlement_id=settlement, reason="DUPL"))

    def follow(self):
        """Looks where an instruction stands; one that settled may be given back by the others."""
        if not self.instructed:
            return
        request = self.instructed[-1] if self.rng.random() < 0.5 else self.rng.choice(
            self.instructed)
        found = self.calls.look(request.id, wait_ms=self.rng.choice((0, 50, 300)))
        assert found is not None, f"{request.id.value.hex()} was accepted and is unknown"
        if found.status == v1.SETTLEMENT_STATUS_SETTLED and (
                request.kind == v1.SETTLEMENT_KIND_PAYMENT):
            for each in request.legs:
                self.board.settled[self.other.id].append((request.id, each))

    def give_back(self):
        """A part of what came in with a payment from the other city."""
        board = self.board.settled[self.city.id]
        if not board:
            return
        original, paid = self.rng.choice(board)
        if all(paid.responder_account not in numbers for numbers in self.own.values()):
            return
        back = v1.Leg(initiator_account=paid.responder_account,
                      responder_account=paid.initiator_account, asset=paid.asset,
                      amount_minor=max(1, paid.amount_minor // 3),
                      direction=v1.LEG_DIRECTION_OUT)
        self.instruct(payment(self.other, back, kind=v1.SETTLEMENT_KIND_RETURN,
                              original_id=original))

    # ---- The end ----

    def tidy_up(self):
        """Ends what would otherwise stay: holds without an end, settlements that nobody affirms."""
        for hold, _, has_end in self.holds:
            if not has_end:
                self.calls.transfer(pending_id=hold, phase=v1.TRANSFER_PHASE_VOID)
        after = None
        while True:
            page = self.calls.insist(
                self.calls.caller.settlements.ListSettlements,
                v1.ListSettlementsRequest(open_only=True, page_size=1_000, after_id=after))
            for settlement in page.settlements:
                if settlement.is_initiator:
                    # Of another client with this identity, too: a second recall is refused.
                    self.calls.order(self.calls.caller.settlements.Recall, v1.RecallRequest(
                        id=new_id(), settlement_id=settlement.id, reason="CUST"))
            if not page.has_more:
                break
            after = page.settlements[-1].id


class Operator(Client):
    """Issues, freezes and thaws, changes the rules, rotates keys, reconciles."""

    def __init__(self, *arguments, spare_keys):
        super().__init__(*arguments)
        self.spare_keys = list(spare_keys)  # public keys (suite, DER) of files that the node holds
        self.rules_version = 1
        self.rotations = 0
        self.frozen = None
        self.actions = ((self.change_rules, 4), (self.freeze_or_thaw, 4), (self.reconcile, 3),
                        (self.issue, 4), (self.register, 1), (self.rotate, 1), (self.retry, 4))

    def step(self):
        self.over.wait(self.rng.uniform(0.1, 0.6))  # an operator is no busy customer
        actions, weights = zip(*self.actions)
        self.rng.choices(actions, weights)[0]()

    def issue(self, to=None, asset=None, amount=None):
        asset = asset or self.rng.choice([each for each in ASSETS if each.issuer == self.city.id])
        reserve = self.calls.caller.reserve(asset) if not hasattr(self, "reserves") else (
            self.reserves[asset])
        self.calls.transfer(debit_account=reserve, asset=asset.id,
                            credit_account=to or self.board.any_account(self.rng, self.city, asset),
                            amount_minor=amount or self.rng.randint(1, 1_000))

    def find_reserves(self):
        self.reserves = {asset: self.calls.caller.reserve(asset) for asset in ASSETS
                         if asset.issuer == self.city.id}

    def change_rules(self):
        self.rules_version += 1
        asset = self.rng.choice(ASSETS)
        limit = self.rng.choice((1_000, 4_000, RICH, RICH))
        rules = [v1.Rule(kind=v1.RULE_KIND_SINGLE_MAX, asset=asset.id, value_minor=limit)]
        if self.rng.random() < 0.5:
            rules.append(v1.Rule(kind=v1.RULE_KIND_CORRIDOR_CAP, asset=asset.id,
                                 peer_node=self.other.id, value_minor=RICH))
        later = self.rng.choice((0, 0, self.calls.node_time + SECOND))
        self.calls.order(self.calls.caller.admin.SetRules, v1.SetRulesRequest(
            id=new_id(), version=self.rules_version, effective_from_ns=later, rules=rules))

    def freeze_or_thaw(self):
        """One account at a time; a second visit thaws it."""
        account = self.frozen or self.board.any_account(self.rng, self.city,
                                                        self.rng.choice(ASSETS))
        request = v1.UpdateAccountRequest(id=new_id(), account=account,
                                          frozen=self.frozen is None)
        if self.rng.random() < 0.3:
            request.review_incoming = self.rng.random() < 0.5
        self.calls.order(self.calls.caller.admin.UpdateAccount, request)
        self.frozen = account if self.frozen is None else None

    def reconcile(self):
        self.calls.order(self.calls.caller.positions.Reconcile, v1.ReconcileRequest(
            id=new_id(), peer_node=self.other.id, business_date=20260105))

    def register(self):
        code = f"NEW{self.rng.getrandbits(40):010X}"
        self.calls.order(self.calls.caller.admin.RegisterParticipant,
                         v1.RegisterParticipantRequest(id=new_id(), participant=v1.Participant(
                             code=code, name="Newcomer", roles=[v1.ROLE_PARTICIPANT])))

    def rotate(self):
        if not self.spare_keys:
            return
        suite, der = self.spare_keys.pop()
        now = self.calls.node_time
        key = v1.SigningKey(suite=suite, public_key_der=der, valid_from_ns=now,
                            valid_to_ns=now + 10**18)
        self.calls.order(self.calls.caller.admin.RotateKey, v1.RotateKeyRequest(
            id=new_id(), key=key, previous_valid_to_ns=now + SECOND))
        self.rotations += 1

    def tidy_up(self):
        if self.frozen is not None:
            self.freeze_or_thaw()
