#include "clients/load/program.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "clients/load/commands.hpp"
#include "clients/load/version.hpp"

namespace hugang::load {
namespace {

constexpr std::size_t kOptionColumn = 34;

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0    done, and every request had a valid answer\n"
    "  1    requests stayed without a valid answer; compare: B is worse\n"
    "  2    the command line, a file or the profile is wrong; nothing was sent\n"
    "  3    no connection to the node\n"
    "  4    unknown certificate, or wrong role\n"
    "  7    the client could not offer what was asked: no rate is claimed\n"
    "  130  stopped by Ctrl-C; the report covers what was measured until then";

void add_target(CLI::App& command, TargetOptions& target) {
  const std::string group = "Nodes and accounts";
  command.add_option("--profile", target.profile, "Who pays: a participant, from the profile file")
      ->envname("HUGANG_PROFILE")
      ->group(group);
  command
      .add_option("--profiles", target.profiles,
                  "The profile file; where left out, the same as for hugang")
      ->group(group);
  command
      .add_option("--operator", target.operator_,
                  "Profile of the node's operator: opens, funds, tells the node's version")
      ->group(group);
  command
      .add_option("--other", target.other, "Profile of a participant at another node, to be paid")
      ->group(group);
  command
      .add_option("--accounts-file", target.accounts_file,
                  "Where accounts are remembered; where left out, below ~/.local/state")
      ->group(group);
}

void add_run(CLI::App& root, RunOptions& o) {
  CLI::App& run = *root.add_subcommand("run", "Put load on a node and measure");
  run.get_formatter()->column_width(kOptionColumn);
  run.footer(
      "Examples:\n"
      "  hugang-load run --profile alice --kind stream --duration 30s\n"
      "  hugang-load run --profile alice --kind unary --rate 5000 --out run.json --html run.html\n"
      "  hugang-load run deploy/load/mixed.toml --profile alice --other bob --operator shanghai\n"
      "  hugang-load run --kind unary --rate 5000 --show > mine.toml\n\n"
      "With --rate requests go out at their own times, whatever the node does (open loop), and\n"
      "latency counts from the intended time; without it the next goes out when one is answered.\n"
      "The file's keys are explained in docs/LOAD.md.\n\n" +
      std::string{kExitCodes});
  run.add_option("scenario", o.scenario, "A scenario file; where left out, --kind and defaults");
  const std::string what = "What is sent";
  run.add_option("--kind", o.kind, "stream, batch, unary, cross-border, mixed; default stream")
      ->group(what);
  run.add_option("--rate", o.rate, "Transfers a second (mixed: operations); makes an open loop")
      ->group(what);
  run.add_option("--arrivals", o.arrivals, "even or random distances between requests")
      ->group(what);
  run.add_option("--in-flight", o.in_flight, "Requests under way at most")->group(what);
  run.add_option("--think", o.think, "Closed loop: pause after an answer")->group(what);
  run.add_option("--connections", o.connections, "Connections to the node")->group(what);
  run.add_option("--threads", o.threads, "Threads that send and receive")->group(what);
  run.add_option("--batch-size", o.batch_size, "Transfers (or payments) a batch, up to 8190")
      ->group(what);
  run.add_flag("--typed", o.typed, "Typed messages instead of packed records")->group(what);
  run.add_option("--ids", o.ids, "in-order or random (UUID v4)")->group(what);
  run.add_option("--retries", o.retries, "Percent of transfers sent again with the same id")
      ->group(what);
  run.add_option("--accounts", o.accounts, "How many accounts pay each other")->group(what);
  run.add_option("--hot", o.hot, "A:T, T percent of the traffic on A percent of the accounts")
      ->group(what);
  run.add_option("--seed", o.seed, "The same seed, the same transfers")->group(what);
  const std::string when = "How long";
  run.add_option("--duration", o.duration, "Measured time; default 30s")->group(when);
  run.add_option("--warm-up", o.warm_up, "Before it, not measured; default 2s")->group(when);
  run.add_option("--timeout", o.timeout, "How long an answer is waited for; default 10s")
      ->group(when);
  run.add_option("--lag-max", o.lag_max,
                 "The client's own lateness at p99 above which no rate is claimed; default 20ms")
      ->group(when);
  add_target(run, o.target);
  const std::string results = "Results";
  run.add_option("--name", o.name, "What the run is called")->group(results);
  run.add_option("--out", o.out, "The record as JSON; a folder (or NAME/): record, page and CSV")
      ->group(results);
  run.add_option("--html", o.html, "The report as one page")->group(results);
  run.add_option("--csv", o.csv, "A line per second")->group(results);
  run.add_flag("--json", o.json, "Print the record instead of the table")->group(results);
  run.add_flag("--quiet", o.quiet, "No progress on standard error")->group(results);
  run.add_flag("--show", o.show, "Print the scenario that the options amount to, and stop")
      ->group(results);
}

void add_prepare(CLI::App& root, PrepareOptions& o) {
  CLI::App& prepare =
      *root.add_subcommand("prepare", "Open and fund the accounts that runs pay between");
  prepare.get_formatter()->column_width(kOptionColumn);
  prepare.footer(
      "Examples:\n"
      "  hugang-load prepare --profile alice --operator shanghai --accounts 10000\n"
      "  hugang-load prepare --profile alice --operator shanghai --other bob --payees 1000\n\n"
      "The numbers are kept in a file, so that runs repeat; what it names already is not opened\n"
      "again. Ctrl-C keeps what was opened.");
  add_target(prepare, o.target);
  prepare.add_option("--accounts", o.accounts, "How many")
      ->capture_default_str()
      ->check(CLI::Range(2, 100'000'000));
  prepare.add_option("--payees", o.payees, "How many at the other node")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  prepare.add_option("--asset", o.asset, "Its code; where left out, what the node issues");
  prepare.add_option("--funds", o.funds, "Minor units for each account, from the reserve")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  prepare.add_flag("--overdraw", o.overdraw,
                   "Accounts that may go below zero instead, for assets issued elsewhere");
  prepare.add_option("--in-flight", o.in_flight, "Requests under way at most")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

void add_compare(CLI::App& root, CompareOptions& o) {
  CLI::App& compare = *root.add_subcommand("compare", "What changed between runs beyond noise");
  compare.get_formatter()->column_width(kOptionColumn);
  compare.footer(
      "Examples:\n"
      "  hugang-load compare before.json after.json\n"
      "  hugang-load compare -a a1.json a2.json a3.json -b b1.json b2.json b3.json --threshold "
      "5\n\n"
      "Several runs a side tell noise from change better than one. Exit code 1 when B is worse\n"
      "beyond noise and by more than the threshold.");
  compare.add_option("files", o.a, "A.json B.json")->expected(0, 2)->type_name("FILE");
  compare.add_option("-a", o.a, "Records before")->type_name("FILE...");
  compare.add_option("-b", o.b, "Records after")->type_name("FILE...");
  compare.add_option("--threshold", o.threshold_percent, "Percent that may be worse")
      ->capture_default_str();
  compare.add_flag("--json", o.json, "Print one JSON document");
}

void add_report(CLI::App& root, ReportOptions& o) {
  CLI::App& report = *root.add_subcommand("report", "Show a record again: table, page, CSV");
  report.get_formatter()->column_width(kOptionColumn);
  report.footer(
      "Examples:\n"
      "  hugang-load report run.json\n"
      "  hugang-load report run.json --html run.html");
  report.add_option("record", o.record, "What run --out wrote")->required();
  report.add_option("--html", o.html, "One page that needs nothing else");
  report.add_option("--csv", o.csv, "A line per second");
}

const char* word_of(ExitCode code) {
  switch (code) {
    case ExitCode::kOk:
      return "ok";
    case ExitCode::kFailed:
      return "failed";
    case ExitCode::kUsage:
      return "usage";
    case ExitCode::kUnavailable:
      return "unavailable";
    case ExitCode::kNotPermitted:
      return "not permitted";
    case ExitCode::kClientTooSlow:
      return "client too slow";
    case ExitCode::kInterrupted:
      return "interrupted";
  }
  return "";
}

struct AllOptions {
  RunOptions run;
  PrepareOptions prepare;
  CompareOptions compare;
  ReportOptions report;
};

Attempt<ExitCode> act(const CLI::App& root, AllOptions& options, Surroundings& around) {
  if (root.got_subcommand("run")) return do_run(options.run, around);
  if (root.got_subcommand("prepare")) return do_prepare(options.prepare, around);
  if (root.got_subcommand("report")) return do_report(options.report, around);
  CompareOptions& compare = options.compare;
  if (compare.b.empty() && compare.a.size() == 2) {
    compare.b = {compare.a.back()};
    compare.a.pop_back();
  }
  if (compare.a.empty() || compare.b.empty()) {
    return usage("compare needs two records: A.json B.json, or -a A... -b B...");
  }
  return do_compare(compare, around);
}

int tell(const Failure& failure, bool is_json, Surroundings& around) {
  const int code = static_cast<int>(failure.exit_code);
  if (is_json) {
    const nlohmann::ordered_json document{{"error",
                                           {{"code", word_of(failure.exit_code)},
                                            {"message", failure.sentence},
                                            {"exit_code", code}}}};
    around.out << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    around.err << word_of(failure.exit_code) << ": " << failure.sentence << '\n';
  }
  return code;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments, Surroundings& around) {
  CLI::App root{"Puts load on Hugang nodes and tells honestly how they bear it.", "hugang-load"};
  root.get_formatter()->column_width(kOptionColumn);
  root.require_subcommand(1);
  root.set_help_flag("-h,--help", "Explain this command, with examples");
  root.set_version_flag("--version", std::string{"hugang-load "} + kVersion);
  root.footer(
      "Examples:\n"
      "  hugang-load prepare --profile alice --operator shanghai --accounts 10000\n"
      "  hugang-load run --profile alice --kind stream --duration 30s --out run.json\n"
      "  hugang-load compare before.json after.json\n"
      "  hugang-load report run.json --html run.html\n\n" +
      std::string{kExitCodes});
  AllOptions options;
  add_run(root, options.run);
  add_prepare(root, options.prepare);
  add_compare(root, options.compare);
  add_report(root, options.report);
  const bool is_json = std::ranges::find(arguments, "--json") != arguments.end();
  if (arguments.empty()) {
    around.err << root.help();
    return static_cast<int>(ExitCode::kUsage);
  }
  try {
    // CLI11 takes them from the back.
    root.parse(std::vector<std::string>{arguments.rbegin(), arguments.rend()});
  } catch (const CLI::Success& asked) {
    return root.exit(asked, around.out, around.err);
  } catch (const CLI::ParseError& error) {
    std::string sentence = error.what();
    std::ranges::replace(sentence, '\n', ' ');
    return tell({.exit_code = ExitCode::kUsage, .sentence = sentence + "; see hugang-load --help"},
                is_json, around);
  }
  const Attempt<ExitCode> result = act(root, options, around);
  return result ? static_cast<int>(*result) : tell(result.error(), is_json, around);
}

}  // namespace hugang::load
