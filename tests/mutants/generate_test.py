#!/usr/bin/env python3
"""The generator refuses what does not fit, and every table fits the sources as they are."""

import tempfile
import unittest
from pathlib import Path

import generate

HERE = Path(__file__).resolve().parent

SOURCE = """int limit() {
  if (a <=
      b) return 1;
  post(x);
  return total;
}
"""

TABLE = """
# A remark.
mutant first-one
bug: Says too little.
in: a.cpp, expression
within: 7
- a <= b
+ a < b

mutant second-one
bug: Posts nothing.
in: a.cpp, statement
- post(x);

mutant third-one
bug: Returns at once.
in: a.cpp, text
- @<return>@ total;
+ if (MUTANT) return 0; ORIGINAL
"""


class Tables(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "a.cpp").write_text(SOURCE, encoding="utf-8")

    def read(self, table):
        path = self.root / "t.mutant"
        path.write_text(table, encoding="utf-8")
        return generate.read_tables([path])

    def copy(self, table):
        return generate.copy_of(self.root, "a.cpp", self.read(table))

    def test_reads_names_figures_and_places(self):
        mutants = self.read(TABLE)
        self.assertEqual([m.name for m in mutants], ["first-one", "second-one", "third-one"])
        self.assertEqual([m.within for m in mutants], [7, 200, 200])
        self.assertEqual(generate.files_of(mutants), ["a.cpp"])

    def test_plants_a_switch_for_each_kind_and_keeps_the_lines(self):
        text = self.copy(TABLE)
        on = "::hugang::mutants::is_on"
        self.assertIn(f'if (({on}("first-one") ? (a < b) : (a <=\n      b))) return 1;', text)
        self.assertIn(f'if ({on}("second-one")) {{  }} else {{ post(x); }}', text)
        self.assertIn(f'if ({on}("third-one")) return 0; return total;', text)
        body = text.split("#line 1", 1)[1]
        self.assertEqual(body.count("\n"), SOURCE.count("\n") + 1)

    def test_two_mutants_may_share_or_nest_in_one_place(self):
        text = self.copy("mutant outer-one\nbug: B.\n"
                         "in: a.cpp, statement\n- post(x); return total;\n"
                         "mutant inner-one\nbug: B.\nin: a.cpp, expression\n- total\n+ 0\n"
                         "mutant inner-two\nbug: B.\nin: a.cpp, expression\n- total\n+ 1\n")
        for name in ("outer-one", "inner-one", "inner-two"):
            self.assertEqual(text.count(f'"{name}"'), 1, text)

    def test_names_the_mutant_whose_text_is_gone_or_not_alone(self):
        for original, often in (("a <= c", "not at all"), ("return", "2 times")):
            with self.assertRaisesRegex(generate.TableError, f"lost-one needs an update.*{often}"):
                self.copy(f"mutant lost-one\nbug: B.\nin: a.cpp, expression\n- {original}\n+ 1\n")

    def test_refuses_what_no_build_could_tell(self):
        place = "in: a.cpp, expression\n- total\n+ 0\n"
        for table in (f"mutant Upper\nbug: B.\n{place}",
                      f"mutant no-bug\n{place}",
                      "mutant no-place\nbug: B.\n",
                      f"mutant same-name\nbug: B.\n{place}" * 2,
                      "mutant odd-kind\nbug: B.\nin: a.cpp, phrase\n- total\n+ 0\n",
                      "mutant no-switch\nbug: B.\nin: a.cpp, text\n- total\n+ 0\n",
                      "mutant odd-field\nbug: B.\ncolour: red\n"):
            with self.assertRaises(generate.TableError, msg=table):
                self.read(table)

    def test_refuses_places_that_cut_each_other(self):
        with self.assertRaisesRegex(generate.TableError, "overlap"):
            self.copy("mutant one-half\nbug: B.\nin: a.cpp, text\n- post(x); return\n+ MUTANT\n"
                      "mutant other-half\nbug: B.\nin: a.cpp, text\n- return total;\n+ MUTANT\n")


class Product(unittest.TestCase):
    def test_every_table_fits_the_sources(self):
        mutants = generate.read_tables(list((HERE / "tables").glob("*.mutant")))
        self.assertGreaterEqual(len(mutants), 20)
        for file in generate.files_of(mutants):
            generate.copy_of(HERE.parent.parent, file, mutants)


if __name__ == "__main__":
    unittest.main()
