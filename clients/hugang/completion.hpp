// Shell completion, written from the tree of commands: it can never lag behind it.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace hugang::program {

/// One command of the tree, as completion and its tests see it.
struct CommandWords {
  struct Word {
    std::string text;  ///< "pay", "--amount"
    std::string what;  ///< one line
    bool takes_value = false;
  };
  std::string path;  ///< "hugang admin peer"
  std::vector<Word> commands;
  std::vector<Word> options;
};

/// Every command, parents before children; the first is the root with the global options.
[[nodiscard]] std::vector<CommandWords> words_of(const CLI::App& root);

[[nodiscard]] std::string bash_completion(const CLI::App& root);
[[nodiscard]] std::string zsh_completion(const CLI::App& root);
[[nodiscard]] std::string fish_completion(const CLI::App& root);

}  // namespace hugang::program
