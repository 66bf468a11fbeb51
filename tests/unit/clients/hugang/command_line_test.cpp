#include "clients/hugang/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include "clients/hugang/completion.hpp"
#include "tests/unit/clients/hugang/harness.hpp"

namespace hugang::program {
namespace {

using testing::HasSubstr;

/// The words of a line as a shell parts them; double quotes only.
std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool is_quoted = false;
  for (const char c : line + " ") {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == ' ' && !is_quoted) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return words;
}

struct Tree {
  std::ostringstream out, err;
  Surroundings around{.out = out, .err = err, .connect = {}, .now = {}};
  Context context{around};
  CommandLine line{context};

  std::vector<CLI::App*> commands() {
    std::vector<CLI::App*> all{&line.root()};
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (CLI::App* below : all[i]->get_subcommands({})) all.push_back(below);
    }
    return all;
  }
};

std::vector<std::string> examples_of(const CLI::App& command) {
  std::vector<std::string> examples;
  std::istringstream help{command.help()};
  bool is_inside = false;
  for (std::string text; std::getline(help, text);) {
    if (text == "Examples:") {
      is_inside = true;
    } else if (is_inside && text.starts_with("  hugang ")) {
      examples.push_back(text.substr(2));
    } else {
      is_inside = false;
    }
  }
  return examples;
}

TEST(CommandLine, EveryCommandTeachesByAnExampleThatParses) {
  Tree tree;
  std::size_t examples = 0;
  for (CLI::App* command : tree.commands()) {
    const auto lines = examples_of(*command);
    EXPECT_FALSE(lines.empty()) << command->get_name();
    EXPECT_FALSE(command->get_description().empty()) << command->get_name();
    for (const std::string& example : lines) {
      auto words = shell_words(example);
      words.erase(words.begin());
      Tree fresh;
      EXPECT_NO_THROW(fresh.line.parse(words)) << example;
      ++examples;
    }
  }
  EXPECT_GT(examples, 50u);
}

TEST(CommandLine, EveryOptionIsExplained) {
  Tree tree;
  for (CLI::App* command : tree.commands()) {
    for (const CLI::Option* option : command->get_options()) {
      EXPECT_FALSE(option->get_description().empty())
          << command->get_name() << " " << option->get_name();
    }
  }
}

TEST(CommandLine, GlobalOptionsMayFollowTheCommand) {
  Tree tree;
  tree.line.parse({"balances", "--json", "--timeout", "3s"});
  EXPECT_TRUE(tree.context.wants_json());
  EXPECT_EQ(tree.context.patience(), std::chrono::seconds{3});
}

TEST(CommandLine, HelpListsTheExitCodes) {
  Harness harness;
  const Ran ran = harness.run({"--help"});
  EXPECT_EQ(ran.code, 0);
  for (const ExitCodeRow& row : exit_code_rows()) EXPECT_THAT(ran.out, HasSubstr(row.meaning));
  const Ran topic = harness.run({"help", "exit-codes"});
  EXPECT_EQ(topic.code, 0);
  for (const ExitCodeRow& row : exit_code_rows()) EXPECT_THAT(topic.out, HasSubstr(row.advice));
}

TEST(CommandLine, HelpOfACommandIsTheSameBothWays) {
  Harness harness;
  const Ran a = harness.run({"help", "admin", "peer", "add"});
  const Ran b = harness.run({"admin", "peer", "add", "--help"});
  EXPECT_EQ(a.code, 0);
  EXPECT_THAT(a.out, HasSubstr("hugang admin peer add [OPTIONS]"));
  EXPECT_EQ(a.out, b.out);
  EXPECT_EQ(harness.run({"help", "nonsense"}).code, 2);
}

TEST(CommandLine, WhatIsNotUnderstoodIsUsageAndNamesTheHelp) {
  Harness harness;
  struct Row {
    std::vector<std::string> arguments;
    const char* expected;
  };
  for (const Row& row :
       {Row{{}, "Usage: hugang"},
        {{"nonsense"}, "hugang --help"},
        {{"pay"}, "hugang pay --help"},
        {{"pay", "--from", "1000000000146"}, "is no account number"},
        {{"status", "123"}, "is no id"},
        {{"balances", "--timeout", "soon"}, "is no duration"},
        {{"admin"}, "hugang admin --help"},
        {{"pay", "--from", kOwn, "--to", kTheirs, "--amount", "1", "--expires", "1m"}, "--hold"},
        {{"reconcile", "2", "--date", "2026-02-30"}, "is no date"}}) {
    const Ran ran = harness.run(row.arguments);
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr(row.expected));
  }
}

TEST(CommandLine, UsageErrorsAreJsonDocumentsToo) {
  Harness harness;
  const Ran ran = harness.run({"pay", "--json"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.json()["error"]["code"], "USAGE");
  EXPECT_EQ(ran.json()["error"]["exit_code"], 2);
}

TEST(Completion, KnowsEveryCommandAndOptionOfTheTree) {
  Tree tree;
  const CLI::App& root = tree.line.root();
  const std::string scripts[] = {bash_completion(root), zsh_completion(root),
                                 fish_completion(root)};
  for (const CLI::App* command : tree.commands()) {
    for (const std::string& script : scripts) {
      EXPECT_THAT(script, HasSubstr(command->get_name()));
    }
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        EXPECT_THAT(scripts[0], HasSubstr("--" + name));
        EXPECT_THAT(scripts[1], HasSubstr("--" + name));
        EXPECT_THAT(scripts[2], HasSubstr("-l " + name));
      }
    }
  }
}

/// What bash itself offers for the words, of which the last is being typed.
std::set<std::string> bash_offers(const std::string& words, int count) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("hugang_completion_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto script = folder / "completion.bash";
  {
    Tree tree;
    std::ofstream out{script};
    out << bash_completion(tree.line.root()) << "COMP_WORDS=(" << words << ")\n"
        << "COMP_CWORD=" << count - 1 << "\n_hugang\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
  }
  std::set<std::string> offers;
  FILE* pipe = ::popen(("bash --norc " + script.string() + " 2>&1").c_str(), "r");
  char line[256];
  while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string text{line};
    while (text.ends_with('\n')) text.pop_back();
    offers.insert(text);
  }
  if (pipe != nullptr) ::pclose(pipe);
  std::filesystem::remove_all(folder);
  return offers;
}

TEST(Completion, WorksInBash) {
  EXPECT_THAT(bash_offers("hugang ba", 2), testing::ElementsAre("balances"));
  EXPECT_THAT(bash_offers("hugang admin peer ''", 4),
              testing::IsSupersetOf({"add", "list", "resume"}));
  EXPECT_THAT(bash_offers("hugang pay --from-", 3), testing::ElementsAre(""));
  EXPECT_THAT(bash_offers("hugang pvp --from", 3), testing::ElementsAre("--from", "--from-theirs"));
  EXPECT_THAT(bash_offers("hugang pay --js", 3), testing::ElementsAre("--json"));
}

}  // namespace
}  // namespace hugang::program
