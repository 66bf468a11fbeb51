"""Nothing counts to two: a third city is a third configuration file."""

import itertools
import unittest

import harness
from caller import leg, new_id, payment
from cities import CNY, HKD, HONGKONG, SGD, SHANGHAI, SINGAPORE
from contract import v1

MONEY = {SHANGHAI: CNY, HONGKONG: HKD, SINGAPORE: SGD}
RICH = 1_000_000


class ThreeCities(harness.ClusterTest):
    CITIES = (SHANGHAI, HONGKONG, SINGAPORE)

    @staticmethod
    def prepare(owner):
        owner.accounts = {}
        for city in owner.CITIES:
            bank = owner.cluster[city].by(city.participants[0])
            for asset in MONEY.values():
                owner.accounts[city, asset] = bank.open_account(asset)
            owner.cluster[city].operator.issue(MONEY[city], owner.accounts[city, MONEY[city]],
                                               RICH)

    def bank(self, city):
        return self.cluster[city].by(city.participants[0])

    def pay(self, payer, payee, asset, amount):
        request = payment(payee, leg(self.accounts[payer, asset], self.accounts[payee, asset],
                                     asset, amount))
        self.assert_ok(self.bank(payer).instruct(request))
        return request.id

    def assert_settled(self, payer, payee, settlement_id):
        for city in (payer, payee):
            settlement = self.cluster[city].operator.final(settlement_id)
            self.assertEqual(settlement.status, v1.SETTLEMENT_STATUS_SETTLED, settlement)

    def balance(self, city, asset):
        return self.bank(city).balance(self.accounts[city, asset])

    def test_payments_among_all_pairs_and_back(self):
        under_way = []
        for number, (payer, payee) in enumerate(itertools.permutations(self.CITIES, 2), 1):
            under_way.append((payer, payee, self.pay(payer, payee, MONEY[payer], 1_000 + number)))
        for payer, payee, settlement_id in under_way:
            self.assert_settled(payer, payee, settlement_id)
        for payer, payee, _ in under_way:
            # The money goes home: the claim on its issuer is paid.
            back = self.pay(payee, payer, MONEY[payer], 1_000)
            self.assert_settled(payee, payer, back)
        for number, (payer, payee) in enumerate(itertools.permutations(self.CITIES, 2), 1):
            self.assertEqual(self.balance(payee, MONEY[payer]), number)
        self.assertEqual([self.balance(city, MONEY[city]) for city in self.CITIES],
                         [RICH - 3, RICH - 7, RICH - 11])
        self.cluster.check_books()
        self.cluster.reconcile_all()

    def test_one_peer_is_away_and_the_others_go_on(self):
        self.cluster[SINGAPORE].process.kill()
        waiting = self.pay(SHANGHAI, SINGAPORE, CNY, 50)
        self.assert_settled(SHANGHAI, HONGKONG, self.pay(SHANGHAI, HONGKONG, CNY, 70))
        self.assertEqual(self.bank(SHANGHAI).settlement(waiting).status,
                         v1.SETTLEMENT_STATUS_SENT)
        self.cluster[SINGAPORE].start()
        self.assert_settled(SHANGHAI, SINGAPORE, waiting)
        self.cluster.reconcile_all()

    def test_a_third_citys_money_is_not_settled_between_two_others(self):
        """Hong Kong and Singapore have no corridor in e-CNY: neither of them issues it."""
        self.assert_settled(SHANGHAI, HONGKONG, self.pay(SHANGHAI, HONGKONG, CNY, 70))
        request = payment(SINGAPORE, leg(self.accounts[HONGKONG, CNY],
                                         self.accounts[SINGAPORE, CNY], CNY, 5), id=new_id())
        self.assert_code(self.bank(HONGKONG).instruct(request), "ASSET_NOT_SETTLED_WITH_PEER")


if __name__ == "__main__":
    unittest.main()
