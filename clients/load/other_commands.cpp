// `hugang-load prepare`, `compare` and `report`.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>

#include "clients/load/commands.hpp"
#include "clients/load/progress.hpp"
#include "clients/load/report/comparison.hpp"
#include "clients/load/report/outputs.hpp"
#include "clients/load/report/record_json.hpp"

namespace hugang::load {
namespace {

/// How far a preparation is, from its thread to the one that tells.
struct Stage {
  std::atomic<bool> is_funding{false};
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> of{0};
};

void tell(const Stage& stage, double elapsed_s, Surroundings& around) {
  const auto number = [](std::uint64_t count) { return count_text(static_cast<double>(count)); };
  around.err << fmt::format("{:>4.0f} s  {} {} of {} accounts\n", elapsed_s,
                            stage.is_funding.load() ? "funded" : "opened",
                            number(stage.done.load()), number(stage.of.load()));
  around.err.flush();
}

Attempt<std::vector<report::RunRecord>> read_all(const std::vector<std::string>& files) {
  std::vector<report::RunRecord> records;
  for (const std::string& file : files) {
    auto record = report::read_json_file(file);
    if (!record) return usage(record.error().sentence);
    records.push_back(std::move(*record));
  }
  return records;
}

template <class Write>
Attempt<void> write_file(const std::string& path, Write write) {
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  write(out);
  if (!out.flush()) return usage("cannot write " + path);
  return {};
}

Attempt<PreparePlan> plan_of(const PrepareOptions& options) {
  PreparePlan plan;
  auto bank = profile_of(options.target, options.target.profile);
  if (!bank) return std::unexpected{bank.error()};
  plan.bank = std::move(*bank);
  if (options.target.operator_.empty()) {
    return usage("name the operator of the node with --operator PROFILE: it funds the accounts");
  }
  auto found = profile_of(options.target, options.target.operator_);
  if (!found) return std::unexpected{found.error()};
  plan.operator_ = std::move(*found);
  if (!options.target.other.empty()) {
    auto other = profile_of(options.target, options.target.other);
    if (!other) return std::unexpected{other.error()};
    plan.payee_bank = std::move(*other);
  }
  plan.file = account_file_of(options.target, plan.bank);
  plan.asset = options.asset;
  plan.accounts = options.accounts;
  plan.payees = options.payees;
  plan.funds_minor = options.funds;
  plan.may_overdraw = options.overdraw;
  plan.in_flight = options.in_flight;
  return plan;
}

}  // namespace

Attempt<AccountFile> prepare_watched(const PreparePlan& plan, Interrupt& interrupt,
                                     Surroundings& around) {
  Stage stage;
  std::atomic<bool> is_stopped{false};
  std::atomic<bool> is_over{false};
  Attempt<AccountFile> file;
  const auto progress = [&](const std::string& what, std::uint64_t done, std::uint64_t of) {
    stage.is_funding = what == "fund";
    stage.done = done;
    stage.of = of;
  };
  const auto began = std::chrono::steady_clock::now();
  std::thread worker{[&] {
    file = prepare(plan, progress, is_stopped);
    is_over = true;
  }};
  double told_at_s = 0;
  while (!is_over.load()) {
    if (interrupt.wait(std::chrono::milliseconds{50})) {
      if (is_stopped.load()) _exit(static_cast<int>(ExitCode::kInterrupted));
      is_stopped = true;
    }
    const double elapsed_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const double every_s = around.err_is_terminal ? 1 : 10;
    if (stage.of.load() == 0 || elapsed_s < told_at_s + every_s) continue;
    told_at_s = elapsed_s;
    tell(stage, elapsed_s, around);
  }
  worker.join();
  if (file && is_stopped.load()) {
    return std::unexpected{
        Failure{.exit_code = ExitCode::kInterrupted,
                .sentence = fmt::format("stopped; {} accounts are in {}: prepare again to go on",
                                        file->payers.accounts.size(), plan.file.string())}};
  }
  return file;
}

Attempt<ExitCode> do_prepare(const PrepareOptions& options, Surroundings& around) {
  const auto plan = plan_of(options);
  if (!plan) return std::unexpected{plan.error()};
  Interrupt interrupt;
  const auto began = std::chrono::steady_clock::now();
  const auto file = prepare_watched(*plan, interrupt, around);
  if (!file) return std::unexpected{file.error()};
  const double elapsed_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const std::uint64_t payees = file->payees.accounts.size();
  around.out << fmt::format("{} accounts{} in {}, {:.1f} s\n",
                            count_text(static_cast<double>(file->payers.accounts.size())),
                            payees == 0 ? "" : fmt::format(" and {} payees", payees),
                            plan->file.string(), elapsed_s);
  return ExitCode::kOk;
}

Attempt<ExitCode> do_compare(const CompareOptions& options, Surroundings& around) {
  const auto a = read_all(options.a);
  if (!a) return std::unexpected{a.error()};
  const auto b = read_all(options.b);
  if (!b) return std::unexpected{b.error()};
  const report::Comparison comparison = report::compare(*a, *b);
  if (options.json) {
    report::write_comparison_json(comparison, around.out);
  } else {
    report::print_comparison(comparison, around.out, {around.out_has_colour});
  }
  return comparison.is_worse(options.threshold_percent / 100) ? ExitCode::kFailed : ExitCode::kOk;
}

Attempt<ExitCode> do_report(const ReportOptions& options, Surroundings& around) {
  const auto record = report::read_json_file(options.record);
  if (!record) return usage(record.error().sentence);
  if (!options.html.empty()) {
    const auto done =
        write_file(options.html, [&](std::ostream& out) { report::write_html(*record, out); });
    if (!done) return std::unexpected{done.error()};
  }
  if (!options.csv.empty()) {
    const auto done = write_file(
        options.csv, [&](std::ostream& out) { report::write_csv_seconds(*record, out); });
    if (!done) return std::unexpected{done.error()};
  }
  if (options.html.empty() && options.csv.empty()) {
    report::print_table(*record, around.out, {around.out_has_colour});
  }
  return ExitCode::kOk;
}

}  // namespace hugang::load
