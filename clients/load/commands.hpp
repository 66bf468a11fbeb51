// The commands of hugang-load: their options and what they do. For the program alone.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clients/load/exit_code.hpp"
#include "clients/load/interrupt.hpp"
#include "clients/load/prepare.hpp"
#include "clients/load/program.hpp"
#include "clients/load/scenario.hpp"

namespace hugang::load {

template <class T>
using Attempt = std::expected<T, Failure>;

/// Which nodes, and as whom. Of profiles there is a file, the same as for `hugang`.
struct TargetOptions {
  std::string profiles;       ///< the file; empty: as `hugang` finds it
  std::string profile;        ///< the participant that pays
  std::string operator_;      ///< the operator of its node; may be empty
  std::string other;          ///< a participant at another node, for cross-border; may be empty
  std::string accounts_file;  ///< empty: the default place
};

struct RunOptions {
  TargetOptions target;
  std::string scenario, kind, name, duration, warm_up, ids, hot, timeout, lag_max, arrivals, think;
  std::string out, html, csv;
  std::optional<double> rate, retries;
  std::optional<std::uint32_t> connections, threads, in_flight, batch_size;
  std::optional<std::uint64_t> accounts, seed;
  bool typed = false;
  bool json = false;
  bool quiet = false;
  bool show = false;  ///< print the scenario that the options amount to, and stop
};

struct PrepareOptions {
  TargetOptions target;
  std::string asset;
  std::uint64_t accounts = 10'000;
  std::uint64_t payees = 1'000;
  std::int64_t funds = 1'000'000'000;
  std::uint32_t in_flight = 256;
  bool overdraw = false;
};

struct CompareOptions {
  std::vector<std::string> a, b;
  double threshold_percent = 5;
  bool json = false;
};

struct ReportOptions {
  std::string record, html, csv;
};

[[nodiscard]] Attempt<ExitCode> do_run(const RunOptions& options, Surroundings& around);
[[nodiscard]] Attempt<ExitCode> do_prepare(const PrepareOptions& options, Surroundings& around);
/// Prepares and tells how far it is. The first Ctrl-C ends it with kInterrupted, and what was
/// opened is in the file; the second ends the process.
[[nodiscard]] Attempt<AccountFile> prepare_watched(const PreparePlan& plan, Interrupt& interrupt,
                                                   Surroundings& around);
[[nodiscard]] Attempt<ExitCode> do_compare(const CompareOptions& options, Surroundings& around);
[[nodiscard]] Attempt<ExitCode> do_report(const ReportOptions& options, Surroundings& around);

/// The scenario of the file or of --kind, with what the options say in its place. Sentences tell
/// what does not go together.
[[nodiscard]] Attempt<Scenario> scenario_of(const RunOptions& options);

[[nodiscard]] Attempt<client::Profile> profile_of(const TargetOptions& target,
                                                  const std::string& name);
[[nodiscard]] std::filesystem::path account_file_of(const TargetOptions& target,
                                                    const client::Profile& bank);
[[nodiscard]] inline std::unexpected<Failure> usage(std::string sentence) {
  return std::unexpected{Failure{.exit_code = ExitCode::kUsage, .sentence = std::move(sentence)}};
}

}  // namespace hugang::load
