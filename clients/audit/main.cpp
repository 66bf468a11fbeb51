// hugang-audit: examines a ledger's directory, or a copy of one, with no node running.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "clients/audit/dump.hpp"
#include "clients/audit/exit_code.hpp"
#include "clients/audit/replay.hpp"
#include "clients/audit/verify.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/time_text.hpp"

namespace hugang::audit {
namespace {

constexpr const char* kAbout =
    "Examines a node's ledger without the node: nothing is written, no lock is taken, and no\n"
    "checkpoint is trusted. DIR is the storage directory of a node (running or not), or a copy.";

constexpr const char* kFooter =
    "Begin with:\n"
    "  hugang-audit verify DIR            is every byte as it was written, is every rule kept?\n"
    "  hugang-audit dump DIR --from 10    what do the entries from 10 on say?\n"
    "  hugang-audit balance DIR 1000000000145 --as-of 2026-01-05T16:00:00Z\n"
    "\n"
    "Exit codes: 0 good, 1 bad ledger, 2 usage, 3 cannot read.";

/// Text that CLI11 hands over, as the types of the options.
struct Given {
  std::string directory;
  std::string account;
  std::string as_of;
  std::uint64_t to = 0;
  std::uint64_t from = 1;
  bool as_json = false;
  bool as_bytes = false;
};

std::string check_time(const std::string& text) {
  if (format::parse_time(text)) return {};
  return text + " is no time: write it like 2026-01-05T16:00:00Z or 2026-01-06T00:00:00+08:00";
}

std::string check_account(const std::string& text) {
  if (format::parse_account(text)) return {};
  return text + " is no account number: its check digits do not fit, look for a mistyped digit";
}

std::optional<Seqno> seqno_of(std::uint64_t number) {
  if (number == 0) return std::nullopt;
  return Seqno{number};
}

WalkEnd end_of(const Given& given) {
  WalkEnd end{.to = seqno_of(given.to), .as_of = {}};
  if (!given.as_of.empty()) end.as_of = format::parse_time(given.as_of);
  return end;
}

void add_directory(CLI::App& command, Given& given) {
  command.add_option("DIR", given.directory, "the ledger's directory")->required();
  command.add_flag("--json", given.as_json, "answer in JSON instead of a table");
}

/// The program's commands, as CLI11 knows them; owned by the app.
struct Commands {
  CLI::App* verify;
  CLI::App* replay;
  CLI::App* balance;
  CLI::App* dump;
};

Commands define_commands(CLI::App& app, Given& given) {
  CLI::App* verify = app.add_subcommand(
      "verify",
      "Checks structure, checksums, chain, numbering, the signatures of peers, every outcome by\n"
      "replay, the conservation laws and every checkpoint. Names the first bad entry.");
  add_directory(*verify, given);

  CLI::App* replay = app.add_subcommand(
      "replay",
      "Rebuilds the state from the first entry on, prints its digest and totals, and compares\n"
      "them with the checkpoints on the way.");
  add_directory(*replay, given);
  replay->add_option("--to", given.to, "the last entry to replay (default: all)")
      ->check(CLI::PositiveNumber);

  CLI::App* balance = app.add_subcommand(
      "balance", "What an account held, by replay: now, after an entry, or at a moment.");
  add_directory(*balance, given);
  balance->add_option("ACCOUNT", given.account, "the account number, with its check digits")
      ->required()
      ->check(CLI::Validator{check_account, "NUMBER"});
  CLI::Option* as_of =
      balance
          ->add_option("--as-of", given.as_of,
                       "a moment, RFC 3339: entries that began at or before it count")
          ->check(CLI::Validator{check_time, "TIME"});
  balance->add_option("--to", given.to, "the last entry that counts")
      ->check(CLI::PositiveNumber)
      ->excludes(as_of);

  CLI::App* dump = app.add_subcommand(
      "dump", "Entries in words: each command with its answer, and what else happened.");
  add_directory(*dump, given);
  dump->add_option("--from", given.from, "the first entry to show (default: 1)")
      ->check(CLI::PositiveNumber);
  dump->add_option("--to", given.to, "the last entry to show (default: the last one)")
      ->check(CLI::PositiveNumber);
  dump->add_flag("--raw", given.as_bytes,
                 "the entries' bytes as docs/FORMAT.md shows them, for other programs")
      ->excludes("--json");
  return {.verify = verify, .replay = replay, .balance = balance, .dump = dump};
}

int run(int argc, char** argv) {
  CLI::App app{kAbout, "hugang-audit"};
  app.footer(kFooter);
  app.require_subcommand(1);
  Given given;
  const Commands commands = define_commands(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_help = app.exit(error) == 0;
    return static_cast<int>(is_help ? ExitCode::kGood : ExitCode::kUsage);
  }

  ExitCode code = ExitCode::kUsage;
  if (*commands.verify) {
    code = run_verify({.directory = given.directory, .as_json = given.as_json});
  } else if (*commands.replay) {
    code =
        run_replay({.directory = given.directory, .end = end_of(given), .as_json = given.as_json});
  } else if (*commands.balance) {
    code = run_balance({.directory = given.directory,
                        .account = *format::parse_account(given.account),
                        .end = end_of(given),
                        .as_json = given.as_json});
  } else if (*commands.dump) {
    code = run_dump({.directory = given.directory,
                     .from = Seqno{given.from},
                     .to = seqno_of(given.to),
                     .as_json = given.as_json,
                     .as_bytes = given.as_bytes});
  }
  return static_cast<int>(code);
}

}  // namespace
}  // namespace hugang::audit

int main(int argc, char** argv) { return hugang::audit::run(argc, argv); }
