#include "clients/hugang/command_line.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/hugang/version.hpp"

namespace hugang::program {
namespace {

constexpr std::size_t kOptionColumn = 34;

std::string footer_of(const Help& help) {
  std::string text = "Examples:";
  for (const char* example : help.examples) text += std::string{"\n  "} + example;
  if (*help.more != '\0') text += std::string{"\n\n"} + help.more;
  text += "\n\nEverywhere: --profile, --json, --timeout, --id and more; see hugang --help";
  return text;
}

std::string root_footer() {
  std::string text =
      "Examples:\n"
      "  hugang balances --profile alice\n"
      "  hugang pay --from 1000000000145 --to 2000000000192 --amount 12.50 --asset CNY.D\n"
      "  hugang status 0f8fad5b-d9cb-469f-a165-70867728950e --other hongkong\n"
      "\nExit codes:";
  for (const ExitCodeRow& row : exit_code_rows()) {
    text += "\n  " + std::to_string(static_cast<int>(row.code)) + "  " + row.word;
    text.append(15 - std::string_view{row.word}.size(), ' ');
    text += row.meaning;
  }
  text += "\n\nMore: hugang help exit-codes | ids | profiles | amounts | json";
  return text;
}

}  // namespace

CLI::Validator account_form() {
  return CLI::Validator{[](std::string& text) -> std::string {
                          if (format::parse_account(text)) return "";
                          return "'" + text +
                                 "' is no account number: 13 to 16 digits of which the last two "
                                 "check the others; compare it with `hugang accounts`";
                        },
                        "ACCOUNT"};
}

CLI::Validator uuid_form() {
  return CLI::Validator{[](std::string& text) -> std::string {
                          if (format::parse_uuid(text)) return "";
                          return "'" + text +
                                 "' is no id: write a UUID like "
                                 "0f8fad5b-d9cb-469f-a165-70867728950e";
                        },
                        "UUID"};
}

CLI::Validator duration_form() {
  return CLI::Validator{[](std::string& text) -> std::string {
                          if (format::parse_duration(text)) return "";
                          return "'" + text +
                                 "' is no duration: write a whole number and a unit, like 500ms, "
                                 "30s, 10m, 2h, 1d";
                        },
                        "DURATION"};
}

CLI::Validator time_form() {
  return CLI::Validator{[](std::string& text) -> std::string {
                          if (format::parse_time(text)) return "";
                          return "'" + text +
                                 "' is no time: write it like 2026-01-05T17:30:00+08:00";
                        },
                        "TIME"};
}

CLI::Validator date_form() {
  return CLI::Validator{[](std::string& text) -> std::string {
                          if (format::parse_business_date(text)) return "";
                          return "'" + text + "' is no date: write it like 2026-01-05";
                        },
                        "DATE"};
}

CommandLine::CommandLine(Context& context)
    : context_{context}, root_{"Hugang 沪港: pay, settle and look after a node.", "hugang"} {
  root_.get_formatter()->column_width(kOptionColumn);
  // Global options may stand behind the command, where people write them.
  root_.fallthrough();
  root_.require_subcommand(1);
  root_.set_help_flag("-h,--help", "Explain this command, with examples");
  root_.set_version_flag("--version", std::string{"hugang "} + kVersion);
  root_.footer(root_footer());
  add_global_options();

  add_account_commands(*this);
  add_pay_commands(*this);
  add_hold_commands(*this);
  add_exchange_commands(*this);
  add_give_back_commands(*this);
  add_track_commands(*this);
  add_transfer_commands(*this);
  add_position_commands(*this);
  add_submit_commands(*this);
  CLI::App& admin =
      add_group(root_, "admin",
                {.what = "For the operator: participants, assets, accounts, peers, keys, rules",
                 .examples = {"hugang admin status", "hugang admin participant list"}});
  add_admin_register_commands(*this, admin);
  add_admin_account_commands(*this, admin);
  add_admin_peer_commands(*this, admin);
  add_admin_rules_commands(*this, admin);
  add_admin_status_commands(*this, admin);
  add_completion_commands(*this);
  add_help_commands(*this);
}

void CommandLine::add_global_options() {
  GlobalOptions& options = context_.options;
  const std::string group = "Global options";
  root_.add_option("--profile", options.profile, "Which node and as whom, from the profile file")
      ->envname("HUGANG_PROFILE")
      ->group(group);
  root_.add_option("--node", options.node, "The node's address, host:port")->group(group);
  root_.add_option("--ca", options.ca, "PEM file: who vouches for the node")->group(group);
  root_.add_option("--cert", options.cert, "PEM file: your certificate")->group(group);
  root_.add_option("--key", options.key, "PEM file: your private key")->group(group);
  root_
      .add_option("--server-name", options.server_name,
                  "Name in the node's certificate, where it is not the host")
      ->group(group);
  root_.add_flag("--json", options.json, "Print one JSON document")->group(group);
  root_.add_option("--timeout", options.timeout, "How long to wait for answers and for finality")
      ->check(duration_form())
      ->capture_default_str()
      ->group(group);
  root_.add_option("--id", options.id, "Id of the request; repeat a request with the same id")
      ->check(uuid_form())
      ->group(group);
}

CLI::App& CommandLine::add(CLI::App& parent, const std::string& name, const Help& help,
                           Action action) {
  HG_CHECK(!help.examples.empty());
  CLI::App* command = parent.add_subcommand(name, help.what);
  command->footer(footer_of(help));
  command->get_formatter()->column_width(kOptionColumn);
  actions_.emplace(command, std::move(action));
  return *command;
}

CLI::App& CommandLine::add_group(CLI::App& parent, const std::string& name, const Help& help) {
  HG_CHECK(!help.examples.empty());
  CLI::App* group = parent.add_subcommand(name, help.what);
  group->footer(footer_of(help));
  group->require_subcommand(1);
  return *group;
}

void CommandLine::parse(std::vector<std::string> arguments) {
  // CLI11 takes them from the back.
  std::ranges::reverse(arguments);
  root_.parse(std::move(arguments));
}

const CLI::App& chosen_command(const CLI::App& root) {
  const CLI::App* command = &root;
  for (;;) {
    const auto below = command->get_subcommands();
    if (below.empty()) return *command;
    command = below.front();
  }
}

Attempt<ExitCode> CommandLine::run() {
  const auto found = actions_.find(&chosen_command(root_));
  HG_CHECK(found != actions_.end());
  return found->second(context_);
}

}  // namespace hugang::program
