"""Spoils the demonstration's day in one place at a time and sees that check_day.py complains."""

import pathlib
import shutil
import tempfile
import unittest

import check_day

ROOT = pathlib.Path(__file__).parents[2]


class Day(unittest.TestCase):
    def complaints(self, name, old, new):
        with tempfile.TemporaryDirectory() as folder:
            demo = pathlib.Path(folder) / "deploy" / "demo"
            shutil.copytree(ROOT / "deploy" / "demo", demo)
            text = (demo / name).read_text(encoding="utf-8")
            self.assertIn(old, text)
            (demo / name).write_text(text.replace(old, new, 1), encoding="utf-8")
            return "\n".join(check_day.complaints(folder))

    def test_the_day_is_right(self):
        self.assertEqual(self.complaints("day.txt", "# A day", "# A day"), "")

    def test_what_is_spoilt_is_found(self):
        gift = "messages/08-gift-to-be-returned-cny.xml"
        for name, old, new, words in [
                ("participants.txt", "SHANGHAI0168", "SHANGHAI0169", "is no LEI"),
                (gift, "<BICFI>HGSJ", "<BICFI>HGXX", "is nobody"),
                (gift, "<UETR>15ad8c83-4200-4", "<UETR>15ad8c83-4200-1", "is no UETR"),
                (gift, "${ACCOUNT:shanghai:", "${ACCOUNT:macau:", "participant's account"),
                ("messages/02-liquidity-cny.xml", ">5000000.00<", ">5000000.01<", "closing.txt"),
                ("messages/09-return-of-08.xml", "<RtrdIntrBkSttlmAmt Ccy=\"CNY\">20000.00",
                 "<RtrdIntrBkSttlmAmt Ccy=\"CNY\">20000.01", "another amount"),
                ("day.txt", "915000.00 CNY.D", "99915000.00 CNY.D", "comes out as refused"),
                ("day.txt", "1914600.00 CNY.D => refused", "1914600.00 CNY.D => settled",
                 "comes out as refused"),
                ("day.txt", "messages/02-liquidity-cny.xml => settled",
                 "messages/01-trade-payment-cny.xml => repeated", "not played"),
                ("closing.txt", "42700.00", "42700.01", "not what the day comes to")]:
            with self.subTest(name=name, new=new):
                self.assertIn(words, self.complaints(name, old, new))


if __name__ == "__main__":
    unittest.main()
