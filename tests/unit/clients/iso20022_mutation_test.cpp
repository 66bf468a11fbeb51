// Messages broken at random: none may crash the reader, and what the schema refuses the built-in
// grammar must refuse too. Failures print the seed and the text that shows them.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/validator.hpp"
#include "tests/unit/clients/iso20022_samples.hpp"

namespace hugang::iso20022 {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
}

std::vector<std::string> originals() {
  std::vector<std::string> texts{test::kCustomerTransfer, test::kInstitutionTransfer, test::kReturn,
                                 test::kRecall};
  for (const auto& sample : test::samples("valid")) {
    if (!sample.is_header()) texts.push_back(sample.text);
  }
  return texts;
}

TEST(MutatedBytes, NeverCrashTheReader) {
  constexpr std::uint64_t kSeed = 20'261'120;
  Random random{kSeed};
  const auto texts = originals();
  std::size_t refused = 0;
  for (int round = 0; round < 6'000; ++round) {
    std::string text = texts[below(random, texts.size())];
    for (std::size_t k = 0; k <= below(random, 4); ++k) {
      const std::size_t at = below(random, text.size());
      switch (below(random, 5)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text[at] = static_cast<char>(below(random, 256));
          break;
        case 2:
          text[at] = static_cast<char>(text[at] ^ (1 << below(random, 8)));
          break;
        case 3:
          text.resize(at + 1);
          break;
        case 4:
          text.insert(below(random, text.size()), text.substr(at, below(random, 200)));
          break;
      }
    }
    const auto message = parse(text);
    if (message) continue;
    ++refused;
    ASSERT_FALSE(message.error().sentence.empty()) << "seed " << kSeed << " round " << round;
    ASSERT_EQ(message.error().reason.size(), 4U) << text;
  }
  EXPECT_GT(refused, 3'000U);
}

/// A message as a tree that tests can break: either text or children.
struct Node {
  std::string name, attributes, text;
  std::vector<Node> children;

  void write(std::string& out) const {
    out += "<" + name + attributes + ">" + text;
    for (const Node& child : children) child.write(out);
    out += "</" + name + ">";
  }
};

/// Reads well-formed text with no comments, prefixes or CDATA; enough for our own messages.
Node read_node(const std::string& text, std::size_t& at) {
  Node node;
  const std::size_t end = text.find('>', at);
  std::string tag = text.substr(at + 1, end - at - 1);
  at = end + 1;
  const bool is_empty = tag.ends_with('/');
  if (is_empty) tag.pop_back();
  node.name = tag.substr(0, tag.find(' '));
  node.attributes = tag.substr(node.name.size());
  if (is_empty) return node;
  for (;;) {
    const std::size_t next = text.find('<', at);
    const std::string between = text.substr(at, next - at);
    at = next;
    if (between.find_first_not_of(" \t\r\n") != std::string::npos) node.text = between;
    if (text[next + 1] == '/') break;
    node.children.push_back(read_node(text, at));
  }
  at = text.find('>', at) + 1;
  return node;
}

void collect(Node& node, std::vector<Node*>& all) {
  all.push_back(&node);
  for (Node& child : node.children) collect(child, all);
}

const std::vector<std::string> kTexts{"",
                                      " ",
                                      "x",
                                      "0",
                                      "1",
                                      "-1",
                                      "1.5",
                                      "+1.50",
                                      ".5",
                                      "5.",
                                      "1e3",
                                      "0.000001",
                                      "0.00001",
                                      "1234567890123456789",
                                      "123456789012345678",
                                      "0000000000000000000000001",
                                      "1.000000000",
                                      "true",
                                      "TRUE",
                                      "2026-11-20",
                                      "2026-02-30",
                                      "2024-02-29Z",
                                      "2026-11-20T10:00:00",
                                      "10:00:00",
                                      "2026-11-20T24:00:00Z",
                                      "2026-11-20T10:00:00+14:00",
                                      "2026-11-20T10:00:00+14:01",
                                      " 2026-11-20 ",
                                      "SHAR",
                                      " SHAR",
                                      "SFBKCNSH",
                                      "SFBKCNSHXX",
                                      "sfbkcnsh",
                                      "CN",
                                      "CHN",
                                      "CNY",
                                      "上海示例银行",
                                      std::string(35, 'a'),
                                      std::string(36, 'a'),
                                      std::string(140, 'a'),
                                      std::string(141, 'a'),
                                      "\n",
                                      "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f",
                                      "AC04",
                                      "INDA",
                                      "+86-1",
                                      "529900T8BM49AURSDO55",
                                      "DE89370400440532013000",
                                      "a&amp;b",
                                      "12345",
                                      "01"};

const std::vector<std::string> kNames{
    "Nm",       "PstlAdr", "Ctry",        "Cd",      "Prtry",
    "Id",       "Othr",    "IBAN",        "TxId",    "UETR",
    "BICFI",    "LEI",     "FinInstnId",  "Dbtr",    "Cdtr",
    "DbtrAgt",  "RmtInf",  "Ustrd",       "Purp",    "IntrBkSttlmAmt",
    "InstdAmt", "ChrgBr",  "InstgAgt",    "Unknown", "OrgnlUETR",
    "Agt",      "Pty",     "SplmtryData", "Envlp",   "AdrLine"};

/// Breaks (or merely changes) one thing somewhere in the tree.
void mutate(Node& root, Random& random) {
  std::vector<Node*> all;
  collect(root, all);
  Node& node = *all[below(random, all.size())];
  const auto pick_child = [&] { return below(random, node.children.size()); };
  const auto at = [&node](std::size_t i) {
    return node.children.begin() + static_cast<std::ptrdiff_t>(i);
  };
  switch (below(random, 9)) {
    case 0:
      if (!node.children.empty()) node.children.erase(at(pick_child()));
      break;
    case 1:
      if (!node.children.empty()) {
        const Node copy = node.children[pick_child()];
        node.children.insert(at(pick_child()), copy);
      }
      break;
    case 2:
      if (node.children.size() > 1) {
        const std::size_t i = below(random, node.children.size() - 1);
        std::swap(node.children[i], node.children[i + 1]);
      }
      break;
    case 3:
      node.name = kNames[below(random, kNames.size())];
      break;
    case 4:
    case 5: {
      // Mostly values, seldom stray text between elements.
      Node* leaf = &node;
      while (!leaf->children.empty() && below(random, 20) != 0) {
        leaf = &leaf->children[below(random, leaf->children.size())];
      }
      leaf->text = kTexts[below(random, kTexts.size())];
      break;
    }
    case 6:
      node.attributes += std::vector<std::string>{" Ccy=\"HKD\"", " x=\"1\"",
                                                  " xml:lang=\"zh\""}[below(random, 3)];
      break;
    case 7:
      node.attributes.clear();
      break;
    case 8: {
      Node added;
      added.name = kNames[below(random, kNames.size())];
      added.text = kTexts[below(random, kTexts.size())];
      node.children.insert(at(below(random, node.children.size() + 1)), added);
      break;
    }
  }
}

bool is_structural(ReadErrorCode code) {
  return code == ReadErrorCode::kUnexpectedElement || code == ReadErrorCode::kMissingElement ||
         code == ReadErrorCode::kUnexpectedContent || code == ReadErrorCode::kBadValue;
}

/// Mutates one message many times and compares the reader with the schema.
void compare_with_schema(const std::string& original, std::string_view message,
                         const Validator& validator) {
  const std::uint64_t seed = std::hash<std::string_view>{}(message);
  Random random{seed};
  std::map<std::string, int> tally;
  for (int round = 0; round < 4'000; ++round) {
    std::size_t at = original.find("<Document");
    Node root = read_node(original, at);
    for (std::size_t k = 0; k <= below(random, 2); ++k) mutate(root, random);
    std::string text;
    root.write(text);
    const auto by_schema = validator.check_text(text, message);
    const auto by_us = parse(text);
    if (by_schema) {
      ++tally["invalid"];
      ASSERT_FALSE(by_us) << "seed " << seed << " round " << round << ": understood, but "
                          << by_schema->describe() << "\n"
                          << text;
    } else {
      ++tally["valid"];
      ASSERT_TRUE(by_us || !is_structural(by_us.error().code))
          << "seed " << seed << " round " << round << ": valid, but " << by_us.error().describe()
          << "\n"
          << text;
    }
  }
  // A comparison that sees one kind alone would show nothing.
  EXPECT_GT(tally["invalid"], 500);
  EXPECT_GT(tally["valid"], 200);
}

TEST(MutatedTrees, AreJudgedAsTheSchemaJudges) {
  const auto folder = test::conformance_folder() / "xsd";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no schemas at " << folder;
  const Validator validator{folder.string()};
  compare_with_schema(test::kCustomerTransfer, "pacs.008.001.08", validator);
  compare_with_schema(test::kInstitutionTransfer, "pacs.009.001.08", validator);
  compare_with_schema(test::kReturn, "pacs.004.001.09", validator);
  compare_with_schema(test::kRecall, "camt.056.001.08", validator);
}

}  // namespace
}  // namespace hugang::iso20022
