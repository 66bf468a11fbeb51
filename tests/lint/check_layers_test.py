"""Plants violations and sees that check_layers.py finds each, and finds nothing in honest code."""

import pathlib
import tempfile
import unittest

import check_layers

RULES = check_layers.Rules(
    pathlib.Path(__file__).with_name("layers.txt").read_text(encoding="utf-8"))


def found(name, text, others=None):
    """The violations in a tree that holds this file, and others."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in {name: text, **(others or {})}.items():
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        return list(check_layers.violations(folder, RULES))


class Layers(unittest.TestCase):
    def refuses(self, name, text, *words):
        hits = found(name, text)
        self.assertEqual(len(hits), 1, hits or f"nothing found in: {text}")
        for word in words:
            self.assertIn(word, hits[0])

    def accepts(self, name, text):
        self.assertEqual(found(name, text), [])

    def test_dependencies_point_one_way(self):
        for folder, header in [("clearing/machine", "crypto/digest.hpp"),
                               ("clearing/machine", "ledger/journal.hpp"),
                               ("crypto", "ledger/journal.hpp"),
                               ("ledger", "services/node.hpp"),
                               ("services/edge", "ledger/journal.hpp"),
                               ("services/edge", "crypto/envelope.hpp"),
                               ("clients/cli", "services/node.hpp"),
                               ("clients/cli", "ledger/journal.hpp"),
                               ("clients/cli", "clearing/machine/state.hpp"),
                               ("clients/audit", "services/node.hpp"),
                               ("clearing", "hugang/v1/transfers.pb.h"),
                               ("ledger", "hugang/v1/transfers.pb.h"),
                               ("clearing", "tests/model/bank.hpp")]:
            with self.subTest(folder=folder, header=header):
                self.refuses(f"{folder}/a.cpp", f'#include "{header}"\n', ":1:", header)

    def test_the_right_direction_is_accepted(self):
        for folder, header in [("crypto", "clearing/base/bytes.hpp"),
                               ("ledger/rocks", "crypto/digest.hpp"),
                               ("services/node", "ledger/journal.hpp"),
                               ("services/edge", "clearing/machine/command.hpp"),
                               ("services/edge", "hugang/v1/transfers.grpc.pb.h"),
                               ("clients/cli", "clearing/base/amount.hpp"),
                               ("clients/cli", "clearing/machine/codes.hpp"),
                               ("clients/audit", "ledger/journal.hpp"),
                               ("tests/unit/ledger", "services/node.hpp")]:
            with self.subTest(folder=folder, header=header):
                self.accepts(f"{folder}/a.cpp", f'#include "{header}"\n')

    def test_libraries_have_owners(self):
        for name, header in [("ledger/journal.cpp", "rocksdb/db.h"),
                             ("ledger/audit/log.cpp", "openssl/evp.h"),
                             ("services/peer/link.cpp", "openssl/evp.h"),
                             ("ledger/journal.cpp", "grpcpp/grpcpp.h"),
                             ("clearing/a.cpp", "google/protobuf/message.h"),
                             ("clients/cli/pay.cpp", "libxml/parser.h")]:
            with self.subTest(name=name, header=header):
                self.refuses(name, f"#include <{header}>\n", header, "only in")
        self.accepts("ledger/rocks/store.cpp", "#include <rocksdb/db.h>\n")
        self.accepts("crypto/keys.cpp", "#include <openssl/evp.h>\n")
        self.accepts("clients/iso20022/parse.cpp", "#include <libxml/parser.h>\n")

    def test_headers_are_named_from_the_root(self):
        self.refuses("clearing/base/amount.cpp", '#include "amount.hpp"\n', "project root")
        self.refuses("clearing/base/amount.cpp", '#include "../base/amount.hpp"\n', "project root")

    def test_the_core_may_not_name(self):
        for text, word in [("#include <chrono>", "clock"),
                           ("auto t = std::chrono::steady_clock::now();", "clock"),
                           ("#include <random>", "randomness"),
                           ("int n = rand();", "randomness"),
                           ("#include <thread>", "one thread"),
                           ("#include <mutex>", "one thread"),
                           ("thread_local int depth = 0;", "one thread"),
                           ("double rate = 0;", "integers"),
                           ("float rate(int x);", "integers"),
                           ("#include <iostream>", "no I/O"),
                           ("void f() { std::cout << 1; }", "no I/O"),
                           ("#include <cstdio>", "no I/O"),
                           ("std::function<void()> later;", "callable"),
                           ("std::unordered_map<int, int> m;", "boost::unordered_flat_map"),
                           ("#include <locale>", "locale"),
                           ("void f() { static int calls = 0; }", "mutable statics"),
                           ("static std::vector<int> seen;", "mutable statics"),
                           ("static Registry registry{1};", "mutable statics"),
                           ("auto key = (std::uintptr_t)p;", "address"),
                           ('auto* home = getenv("HOME");', "rule pack")]:
            with self.subTest(text=text):
                self.refuses("clearing/machine/a.cpp", text + "\n", word)

    def test_the_core_may_say_what_only_looks_like_it(self):
        self.accepts("clearing/machine/a.cpp", """
// A double entry; no float, no std::chrono here.  /* random */
/* double
   float */
static constexpr int kMax = 3;
static const char* const kName = "double";
static int helper(int x);
static std::optional<int> find(int x) { return x; }
static_assert(kMax == 3);
const char* text = "#include <chrono> and a double // not a comment";
int doubled = 1'000'000; char c = '"'; int float_like = 2;
struct A { static A from(int x); static constexpr A zero() { return {}; } };
""")

    def test_an_exception_holds_for_its_file_alone(self):
        self.accepts("clearing/base/check.hpp", "#include <cstdio>\n")
        self.refuses("clearing/base/amount.hpp", "#include <cstdio>\n", "no I/O")

    def test_outside_the_core_these_names_are_free(self):
        self.accepts("services/node/a.cpp", "#include <chrono>\nstatic int calls = 0;\ndouble x;\n")

    def test_hash_tables_are_not_walked(self):
        header = {"clearing/machine/state.hpp":
                  "boost::unordered_flat_map<AccountId, std::pair<int, int>> holds_;\n"}

        def walk(text):
            return found("clearing/machine/a.cpp", text, header)

        self.assertEqual(len(walk("for (const auto& [id, hold] : state.holds_) sum(hold);\n")), 1)
        self.assertEqual(len(walk("auto first = holds_.begin();\n")), 1)
        self.assertEqual(walk("// order-free: a sum\nfor (auto& h : holds_) sum(h);\n"), [])
        self.assertEqual(walk("if (holds_.find(id) == holds_.end()) return;\n"), [])
        self.assertEqual(walk("for (const auto& order : orders_) sum(order);\n"), [])

    def test_lines_are_counted_through_comments(self):
        self.refuses("clearing/a.cpp", "/* one\n two */\n\ndouble x;\n", "clearing/a.cpp:4:")

    def test_a_rule_that_is_not_understood_stops_the_check(self):
        with self.assertRaises(SystemExit):
            check_layers.Rules("folder clearing clearing\n")


if __name__ == "__main__":
    unittest.main()
