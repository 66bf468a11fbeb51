// The tree of commands: what each is called, what it teaches with --help, what it does.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "clients/hugang/context.hpp"

namespace hugang::program {

using Action = std::function<Attempt<ExitCode>(Context&)>;

struct Help {
  const char* what;                   ///< one line
  std::vector<const char*> examples;  ///< whole command lines; at least one
  const char* more = "";              ///< paragraphs below the examples
};

class CommandLine {
 public:
  /// The whole tree; parsed options go to `context`, which must outlive this.
  explicit CommandLine(Context& context);
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  [[nodiscard]] CLI::App& root() { return root_; }
  /// A command below `parent`.
  CLI::App& add(CLI::App& parent, const std::string& name, const Help& help, Action action);
  /// A command that only has others below it.
  CLI::App& add_group(CLI::App& parent, const std::string& name, const Help& help);

  /// Parses without doing anything. Throws CLI::ParseError.
  void parse(std::vector<std::string> arguments);
  /// Does what was parsed last.
  [[nodiscard]] Attempt<ExitCode> run();

 private:
  void add_global_options();

  Context& context_;
  CLI::App root_;
  std::map<const CLI::App*, Action> actions_;
};

/// The deepest command that was named in the last parse.
[[nodiscard]] const CLI::App& chosen_command(const CLI::App& root);

// What options accept, with sentences for what they do not.
[[nodiscard]] CLI::Validator account_form();
[[nodiscard]] CLI::Validator uuid_form();
[[nodiscard]] CLI::Validator duration_form();
[[nodiscard]] CLI::Validator time_form();
[[nodiscard]] CLI::Validator date_form();

// The families of commands, one file each.
void add_account_commands(CommandLine& line);
void add_pay_commands(CommandLine& line);
void add_hold_commands(CommandLine& line);
void add_exchange_commands(CommandLine& line);
void add_give_back_commands(CommandLine& line);
void add_track_commands(CommandLine& line);
void add_transfer_commands(CommandLine& line);
void add_position_commands(CommandLine& line);
void add_submit_commands(CommandLine& line);
void add_completion_commands(CommandLine& line);
void add_help_commands(CommandLine& line);
void add_admin_register_commands(CommandLine& line, CLI::App& admin);
void add_admin_account_commands(CommandLine& line, CLI::App& admin);
void add_admin_peer_commands(CommandLine& line, CLI::App& admin);
void add_admin_rules_commands(CommandLine& line, CLI::App& admin);
void add_admin_status_commands(CommandLine& line, CLI::App& admin);

}  // namespace hugang::program
