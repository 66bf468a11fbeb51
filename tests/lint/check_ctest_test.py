"""Sees that check_ctest.py finds what is registered wrongly."""

import unittest

import check_ctest


def test_named(name, **properties):
    return {"name": name, "properties": [{"name": key, "value": value}
                                         for key, value in properties.items()]}


class Registration(unittest.TestCase):
    def test_each_fault_is_found(self):
        for faulty, words in [
                (test_named("a", TIMEOUT=9), "no label"),
                (test_named("a", LABELS=["fast"], TIMEOUT=9), "no label"),
                (test_named("a", LABELS=["unit"]), "no TIMEOUT"),
                (test_named("a", LABELS=["integration"], TIMEOUT=9), "without RUN_SERIAL")]:
            with self.subTest(words=words):
                found = list(check_ctest.complaints([faulty]))
                self.assertEqual(len(found), 1, found)
                self.assertIn(words, found[0])

    def test_the_rest_passes(self):
        self.assertEqual(list(check_ctest.complaints([
            test_named("a", LABELS=["unit"], TIMEOUT=9),
            test_named("b", LABELS=["integration"], TIMEOUT=9, RUN_SERIAL=True)])), [])


if __name__ == "__main__":
    unittest.main()
