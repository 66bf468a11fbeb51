#include "clients/hugang/completion.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include "clients/hugang/command_line.hpp"

namespace hugang::program {
namespace {

void collect(const CLI::App& command, const std::string& path, std::vector<CommandWords>& all) {
  CommandWords words{.path = path, .commands = {}, .options = {}};
  for (const CLI::App* below : command.get_subcommands({})) {
    words.commands.push_back({below->get_name(), below->get_description()});
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      words.options.push_back(
          {"--" + name, option->get_description(), option->get_expected_min() > 0});
    }
  }
  all.push_back(std::move(words));
  for (const CLI::App* below : command.get_subcommands({})) {
    collect(*below, path + " " + below->get_name(), all);
  }
}

/// In single quotes; a quote inside ends, escapes and begins again.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return result + "'";
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::vector<std::string> paths_below_root(const std::vector<CommandWords>& all) {
  std::vector<std::string> paths;
  for (std::size_t i = 1; i < all.size(); ++i) paths.push_back(quoted(all[i].path));
  return paths;
}

std::vector<std::string> texts(const std::vector<CommandWords::Word>& words) {
  std::vector<std::string> result;
  for (const auto& word : words) result.push_back(word.text);
  return result;
}

}  // namespace

std::vector<CommandWords> words_of(const CLI::App& root) {
  std::vector<CommandWords> all;
  collect(root, root.get_name(), all);
  return all;
}

std::string bash_completion(const CLI::App& root) {
  const auto all = words_of(root);
  std::vector<std::string> with_value;
  for (const auto& command : all) {
    for (const auto& option : command.options) {
      if (option.takes_value) with_value.push_back(option.text);
    }
  }
  std::ranges::sort(with_value);
  with_value.erase(std::unique(with_value.begin(), with_value.end()), with_value.end());

  std::string script =
      "# bash completion for hugang. Use it with: source <(hugang completion bash)\n"
      "_hugang() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local where=hugang words='' i\n"
      "  case $previous in\n"
      "    " +
      joined(with_value, "|") +
      ") COMPREPLY=(); return ;;\n"
      "  esac\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case \"$where ${COMP_WORDS[i]}\" in\n"
      "      " +
      joined(paths_below_root(all), "|\\\n      ") +
      ")\n        where=\"$where ${COMP_WORDS[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case $where in\n";
  for (const auto& command : all) {
    auto words = texts(command.commands);
    for (auto& option : texts(command.options)) words.push_back(std::move(option));
    script += "    " + quoted(command.path) + ") words=" + quoted(joined(words, " ")) + " ;;\n";
  }
  script +=
      "  esac\n"
      "  if [[ $where != hugang && $current == -* ]]; then\n"
      "    words+=" +
      quoted(" " + joined(texts(all.front().options), " ")) +
      "\n"
      "  fi\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -o default -F _hugang hugang\n";
  return script;
}

std::string zsh_completion(const CLI::App& root) {
  const auto all = words_of(root);
  const auto described = [](const std::vector<CommandWords::Word>& words) {
    std::vector<std::string> result;
    for (const auto& word : words) result.push_back(quoted(word.text + ":" + word.what));
    return joined(result, "\n        ");
  };
  std::string script =
      "#compdef hugang\n"
      "# zsh completion for hugang. Use it with: source <(hugang completion zsh)\n"
      "_hugang() {\n"
      "  local where=hugang i\n"
      "  local -a commands options globals\n"
      "  globals=(" +
      described(all.front().options) +
      ")\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    case \"$where ${words[i]}\" in\n"
      "      (" +
      joined(paths_below_root(all), "|\\\n      ") +
      ") where=\"$where ${words[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case $where in\n";
  for (const auto& command : all) {
    script += "    (" + quoted(command.path) + ")\n";
    script += "      commands=(" + described(command.commands) + ")\n";
    script += "      options=(" + described(command.options) + ") ;;\n";
  }
  script +=
      "  esac\n"
      "  if [[ $where != hugang ]]; then options+=($globals); fi\n"
      "  if [[ ${words[CURRENT]} == -* ]]; then\n"
      "    _describe -o option options\n"
      "  elif (( $#commands )); then\n"
      "    _describe command commands\n"
      "  else\n"
      "    _files\n"
      "  fi\n"
      "}\n"
      "if [[ $funcstack[1] == _hugang ]]; then _hugang; else compdef _hugang hugang; fi\n";
  return script;
}

std::string fish_completion(const CLI::App& root) {
  const auto all = words_of(root);
  std::string script =
      "# fish completion for hugang. Use it with: hugang completion fish | source\n"
      "function __hugang_at\n"
      "  set -l paths " +
      joined(paths_below_root(all), " \\\n    ") +
      "\n"
      "  set -l where hugang\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    contains -- \"$where $word\" $paths; and set where \"$where $word\"\n"
      "  end\n"
      "  test \"$where\" = \"$argv\"\n"
      "end\n";
  for (const auto& command : all) {
    const bool is_root = command.path == all.front().path;
    const std::string here = " -n " + quoted("__hugang_at " + command.path);
    for (const auto& word : command.commands) {
      script +=
          "complete -c hugang -f" + here + " -a " + word.text + " -d " + quoted(word.what) + "\n";
    }
    for (const auto& option : command.options) {
      // Global options may stand anywhere.
      script += "complete -c hugang" + (is_root ? std::string{} : here) + " -l " +
                option.text.substr(2) + (option.takes_value ? " -r" : "") + " -d " +
                quoted(option.what) + "\n";
    }
  }
  return script;
}

void add_completion_commands(CommandLine& line) {
  const auto shell = std::make_shared<std::string>();
  line.add(line.root(), "completion",
           {.what = "Print a completion script for your shell",
            .examples = {"hugang completion bash", "hugang completion zsh",
                         "hugang completion fish"},
            .more =
                "bash: source <(hugang completion bash)    zsh: source <(hugang completion zsh)\n"
                "fish: hugang completion fish | source"},
           [shell, &line](Context& context) -> Attempt<ExitCode> {
             const CLI::App& root = line.root();
             context.out() << (*shell == "bash"  ? bash_completion(root)
                               : *shell == "zsh" ? zsh_completion(root)
                                                 : fish_completion(root));
             return ExitCode::kOk;
           })
      .add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace hugang::program
