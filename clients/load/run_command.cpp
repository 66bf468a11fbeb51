// `hugang-load run`: prepares, runs, shows, keeps.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>

#include "clients/library/client.hpp"
#include "clients/library/file_text.hpp"
#include "clients/load/commands.hpp"
#include "clients/load/engine.hpp"
#include "clients/load/many_calls.hpp"
#include "clients/load/progress.hpp"
#include "clients/load/report/outputs.hpp"
#include "clients/load/report/record_json.hpp"
#include "clients/load/version.hpp"

namespace hugang::load {
namespace {

base::Timestamp wall_clock() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return base::Timestamp{std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count()};
}

/// What the node tells of itself, to those who may ask.
std::vector<report::Fact> status_facts(const client::Profile& profile, std::string& version,
                                       std::string& name) {
  auto node = client::Client::open(profile);
  if (!node) return {};
  node->set_timeout(std::chrono::seconds{3});
  const auto status = node->get_node_status({});
  if (!status) return {};
  version = status->version();
  name = fmt::format("{} ({})", status->code(), profile.address);
  const auto number = [](std::uint64_t count) { return std::to_string(count); };
  return {{"Durable up to entry", number(status->durable_seqno())},
          {"Accounts", number(status->account_count())},
          {"Transfer ids", number(status->transfer_id_count())},
          {"Open holds", number(status->open_holds())},
          {"Open settlements", number(status->open_settlements())},
          {"Rules version", number(status->rules_version())},
          {"Queue", number(status->queue_depth()) + " of " + number(status->queue_capacity())}};
}

/// The nodes that a run touches and that tell of themselves.
class Servers {
 public:
  void add(const client::Profile& profile) {
    report::ServerStatus status;
    status.before = status_facts(profile, status.version, status.node);
    if (status.before.empty()) return;
    profiles_.push_back(profile);
    statuses_.push_back(std::move(status));
  }
  std::vector<report::ServerStatus> after() {
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      report::ServerStatus& status = statuses_[i];
      status.after = status_facts(profiles_[i], status.version, status.node);
    }
    return statuses_;
  }

 private:
  std::vector<client::Profile> profiles_;
  std::vector<report::ServerStatus> statuses_;
};

struct Parties {
  client::Profile bank;
  std::optional<client::Profile> operator_;
  std::optional<client::Profile> other;
};

Attempt<Parties> parties_of(const RunOptions& options, const Scenario& scenario) {
  Parties parties;
  auto bank = profile_of(options.target, options.target.profile);
  if (!bank) return std::unexpected{bank.error()};
  parties.bank = std::move(*bank);
  if (!options.target.operator_.empty()) {
    auto found = profile_of(options.target, options.target.operator_);
    if (!found) return std::unexpected{found.error()};
    parties.operator_ = std::move(*found);
  }
  if (!options.target.other.empty()) {
    auto found = profile_of(options.target, options.target.other);
    if (!found) return std::unexpected{found.error()};
    parties.other = std::move(*found);
  } else if (needs_payees(scenario) && parties.operator_) {
    return usage(
        "cross-border payments need payees: name a participant of the other node with "
        "--other PROFILE");
  }
  return parties;
}

/// The accounts of the file; with an operator's profile, what is missing is opened first.
Attempt<AccountFile> accounts_of(const RunOptions& options, const Scenario& scenario,
                                 const Parties& parties, Interrupt& interrupt,
                                 Surroundings& around) {
  const auto path = account_file_of(options.target, parties.bank);
  const bool needs_other = needs_payees(scenario);
  Attempt<AccountFile> file;
  if (parties.operator_) {
    PreparePlan plan;
    plan.file = path;
    plan.bank = parties.bank;
    plan.operator_ = *parties.operator_;
    plan.accounts = scenario.accounts;
    if (needs_other) plan.payee_bank = parties.other;
    file = prepare_watched(plan, interrupt, around);
  } else {
    file = load_accounts(path, parties.bank);
  }
  if (!file) return file;
  if (file->payers.accounts.size() < scenario.accounts) {
    return usage(fmt::format(
        "the scenario wants {} accounts and {} names {}: run `hugang-load "
        "prepare --accounts {}` first, or run with --operator PROFILE",
        scenario.accounts, path.string(), file->payers.accounts.size(), scenario.accounts));
  }
  if (needs_other && file->payees.accounts.size() == 0) {
    return usage(path.string() +
                 " names no payees at another node: run `hugang-load prepare --other PROFILE`");
  }
  if (!options.quiet) {
    around.err << fmt::format("{} accounts, {} payees elsewhere\n",
                              count_text(static_cast<double>(scenario.accounts)),
                              count_text(static_cast<double>(file->payees.accounts.size())));
  }
  return file;
}

/// Runs to the end or to the second Ctrl-C, and shows how it goes.
void watch(Engine& engine, Interrupt& interrupt, bool is_quiet, Surroundings& around) {
  constexpr std::chrono::milliseconds kLook{200};
  const double every_s = around.err_is_terminal ? 1 : 10;
  double shown_at_s = 0;
  bool is_stopping = false;
  while (!engine.is_over()) {
    if (interrupt.wait(kLook)) {
      // The second time nobody waits for anything.
      if (is_stopping) _exit(static_cast<int>(ExitCode::kInterrupted));
      is_stopping = true;
      around.err << "stopping: waiting for what is under way; Ctrl-C again ends at once\n";
      around.err.flush();
      engine.stop();
    }
    const double elapsed_s = engine.elapsed_s();
    if (is_quiet || elapsed_s < shown_at_s + every_s) continue;
    const auto glance = engine.glance();
    if (!glance) continue;
    shown_at_s = elapsed_s;
    around.err << progress_line(elapsed_s, engine.phase_at(elapsed_s).name, *glance) << '\n';
    around.err.flush();
  }
}

template <class Write>
Attempt<void> write_file(const std::filesystem::path& path, Write write) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  write(out);
  if (!out.flush()) return usage("cannot write " + path.string());
  return {};
}

Attempt<void> keep(const RunOptions& options, const report::RunRecord& record) {
  const auto json = [&](std::ostream& out) { report::write_json(record, out); };
  const auto html = [&](std::ostream& out) { report::write_html(record, out); };
  const auto seconds = [&](std::ostream& out) { report::write_csv_seconds(record, out); };
  const auto percentiles = [&](std::ostream& out) { report::write_csv_percentiles(record, out); };
  const std::filesystem::path out = options.out;
  const bool is_folder =
      !options.out.empty() && (options.out.ends_with('/') || std::filesystem::is_directory(out));
  Attempt<void> done;
  if (is_folder) {
    std::error_code error;
    std::filesystem::create_directories(out, error);
    if (error) return usage("cannot make the folder " + out.string() + ": " + error.message());
    done = write_file(out / "run.json", json);
    if (done) done = write_file(out / "report.html", html);
    if (done) done = write_file(out / "seconds.csv", seconds);
    if (done) done = write_file(out / "percentiles.csv", percentiles);
  } else if (!options.out.empty()) {
    done = write_file(out, json);
  }
  if (done && !options.html.empty()) done = write_file(options.html, html);
  if (done && !options.csv.empty()) done = write_file(options.csv, seconds);
  return done;
}

ExitCode verdict_of(const report::RunRecord& record) {
  if (record.ending == report::Ending::kInterrupted) return ExitCode::kInterrupted;
  if (record.honesty.verdict == report::Verdict::kClientTooSlow) return ExitCode::kClientTooSlow;
  for (const auto& kind : record.kinds) {
    if (!kind.errors.empty()) return ExitCode::kFailed;
  }
  return record.ending == report::Ending::kFailed ? ExitCode::kFailed : ExitCode::kOk;
}

report::RunRecord begin_record(const RunOptions& options, const Scenario& scenario,
                               const Parties& parties) {
  report::RunRecord record;
  record.program_version = kVersion;
  record.machine = report::this_machine();
  record.target = parties.bank.address;
  record.scenario_name = scenario.name;
  if (!options.scenario.empty()) {
    record.scenario_text = client::read_file(options.scenario).value_or("");
  } else {
    record.scenario_text = to_toml(scenario);
  }
  record.scenario_summary = summary_of(scenario);
  record.seed = scenario.seed;
  return record;
}

}  // namespace

Attempt<ExitCode> do_run(const RunOptions& options, Surroundings& around) {
  const auto scenario = scenario_of(options);
  if (!scenario) return std::unexpected{scenario.error()};
  if (options.show) {
    around.out << to_toml(*scenario);
    return ExitCode::kOk;
  }
  const auto parties = parties_of(options, *scenario);
  if (!parties) return std::unexpected{parties.error()};
  // Before anything that has threads of its own, which would take the signal and die of it.
  Interrupt interrupt;
  auto accounts = accounts_of(options, *scenario, *parties, interrupt, around);
  if (!accounts) return std::unexpected{accounts.error()};

  report::RunRecord record = begin_record(options, *scenario, *parties);
  Servers servers;
  servers.add(parties->operator_.value_or(parties->bank));

  auto engine = Engine::open(*scenario, std::move(*accounts), parties->bank);
  if (!engine) return std::unexpected{to_failure(engine.error())};
  record.started_at = wall_clock();
  (*engine)->start();
  watch(**engine, interrupt, options.quiet, around);
  (*engine)->finish(record);
  record.servers = servers.after();

  if (auto kept = keep(options, record); !kept) return std::unexpected{kept.error()};
  if (options.json) {
    report::write_json(record, around.out);
  } else {
    report::print_table(record, around.out, {around.out_has_colour});
  }
  return verdict_of(record);
}

}  // namespace hugang::load
