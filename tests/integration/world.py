"""Shanghai and Hong Kong with accounts, and money in the right hands."""

from caller import exchange, leg, leg_in, payment
from cities import CNY, HKD, HONGKONG, SHANGHAI, XAU
from contract import v1

RICH = 100_000_000  # minor units: a million of a currency, ten kilograms of gold


class World:
    def __init__(self, cluster):
        self.cluster = cluster
        self.shanghai = cluster[SHANGHAI]
        self.hongkong = cluster[HONGKONG]
        self.alice = self.shanghai.by("ALICE")
        self.anna = self.shanghai.by("ANNA")
        self.bob = self.hongkong.by("BOB")
        self.ben = self.hongkong.by("BEN")
        self.numbers = {}
        for name in ("alice", "anna", "bob", "ben"):
            for asset in (CNY, HKD, XAU):
                self.numbers[name, asset] = getattr(self, name).open_account(
                    asset, alias=f"{name} {asset.code}")
        issue = self.shanghai.operator.issue
        issue(CNY, self.of("alice", CNY), RICH)
        issue(XAU, self.of("alice", XAU), RICH)
        self.hongkong.operator.issue(HKD, self.of("bob", HKD), RICH)

    def of(self, name, asset):
        return self.numbers[name, asset]

    def balance(self, name, asset):
        return getattr(self, name).balance(self.of(name, asset))

    def balances(self):
        return {key: self.balance(*key) for key in self.numbers}

    # ---- Requests ----

    def pay(self, amount, payer="alice", payee="bob", asset=CNY, **fields):
        """The request of one payment across the border."""
        to = HONGKONG if payer in ("alice", "anna") else SHANGHAI
        return payment(to, leg(self.of(payer, asset), self.of(payee, asset), asset, amount),
                       **fields)

    def pvp(self, cny, hkd, **fields):
        """Alice gives e-CNY for Bob's dollars."""
        return exchange(HONGKONG, v1.SETTLEMENT_KIND_PVP,
                        leg(self.of("alice", CNY), self.of("bob", CNY), CNY, cny),
                        leg_in(self.of("bob", HKD), self.of("alice", HKD), HKD, hkd), **fields)

    def dvp(self, gold, cny, **fields):
        """Alice gives gold for Bob's e-CNY."""
        return exchange(HONGKONG, v1.SETTLEMENT_KIND_DVP,
                        leg(self.of("alice", XAU), self.of("bob", XAU), XAU, gold),
                        leg_in(self.of("bob", CNY), self.of("alice", CNY), CNY, cny), **fields)

    def settle(self, request, caller=None):
        """Instructs and waits for the end at both sides: (initiator's view, responder's view)."""
        caller = caller or self.alice
        outcome = caller.instruct(request)
        assert outcome.code_name == "OK", outcome
        return self.both_ends(request.id, caller)

    def both_ends(self, settlement_id, caller=None):
        own = (caller or self.alice).final(settlement_id)
        at_home = own.peer_node == HONGKONG.id
        other = (self.hongkong if at_home else self.shanghai).operator.final(settlement_id)
        assert (own.status, own.code) == (other.status, other.code), (own, other)
        return own, other
