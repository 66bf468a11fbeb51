"""Plants violations and sees that check_text.py finds each; exceptions neither leak nor rot."""

import pathlib
import tempfile
import unittest

import check_text


def found(files, exceptions=frozenset()):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            file = pathlib.Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(check_text.violations(folder, exceptions))


class Text(unittest.TestCase):
    def refuses(self, name, content, rule):
        hits = found({name: content})
        self.assertEqual(len(hits), 1, hits or f"nothing found in {name}: {content!r}")
        self.assertIn(f" {rule}: ", hits[0])

    def accepts(self, name, content):
        self.assertEqual(found({name: content}), [])

    def test_each_rule_finds_its_violation(self):
        for name, content, rule in [
                ("a.cpp", "int a;", "newline"),
                ("a.cpp", "int a;\n" * 501, "length"),
                ("a.hpp", "int a;\n", "pragma"),
                ("a.cpp", "\tint a;\n", "tab"),
                ("a.sh", "true \n", "space"),
                ("a.sh", "true\r\n", "space"),
                ("a.py", "a = '" + "x" * 100 + "'\n", "columns"),
                ("a.cpp", "// TO" "DO: more\n", "open"),
                ("a.md", "FIX" "ME\n", "open"),
                ("a.sh", "cd /ho" "me/someone\n", "path"),
                ("docs/a.md", "see /wo" "rk/main\n", "path"),
                ("deploy/a.sh", "curl http" "s://downloads.host.net/x\n", "address"),
                ("tests/a.py", "get('registry.npm" "js.org')\n", "address"),
                ("CMakeLists.txt", "FetchContent" "_Declare(x)\n", "fetch"),
                ("cmake/a.cmake", "file(DOWN" "LOAD x y)\n", "fetch"),
                ("tests/unit/a.cpp", "std::this_thread::sleep" "_for(1s);\n", "sleep"),
                ("services/utils.cpp", "\n", "name"),
                ("services/string_helpers.cpp", "\n", "name"),
                ("clearing/common/a.cpp", "\n", "name"),
                ("a.cpp", "namespace hugang::misc {\n", "name"),
                ("a.txt.md", b"\xff\n", "encoding")]:
            with self.subTest(name=name, rule=rule):
                self.refuses(name, content, rule)

    def test_honest_files_pass(self):
        self.accepts("a.hpp", "// What it is for.\n#pragma once\n")
        self.accepts("a.sh", "exec curl http://127.0.0.1:9000/metrics\n")
        self.accepts("docs/a.md", "Read https://www.rfc-editor.org/rfc/rfc6962 for it.\n")
        self.accepts("a.cpp", "auto x = root / \"work/main\";  // hackney, common sense\n")
        self.accepts("golden/record.bin", b"\0\xff")
        self.accepts("a.xml", "<a>\n" * 600)

    def test_an_exception_holds_for_one_file_and_one_rule(self):
        long = "int a;\n" * 501
        self.assertEqual(found({"a.cpp": long}, {("a.cpp", "length")}), [])
        self.assertEqual(len(found({"a.cpp": long, "b.cpp": long}, {("a.cpp", "length")})), 1)
        self.assertEqual(len(found({"a.cpp": "\t\n" * 501}, {("a.cpp", "length")})) > 500, True)

    def test_an_exception_that_is_not_needed_is_named(self):
        self.assertIn("no longer needs", found({"a.cpp": "int a;\n"}, {("a.cpp", "length")})[0])


if __name__ == "__main__":
    unittest.main()
