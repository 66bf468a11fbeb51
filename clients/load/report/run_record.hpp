// What a run of the load tool leaves behind: enough to judge it, to draw it, to repeat it and to
// compare it with another. The one type between the engine that measures and everything that shows.
//
// Words. A *request* is one message that waits for one answer; a batch is one request that carries
// many *transfers*. An operation's *kind* is what the scenario calls it ("transfer", "batch",
// "settlement"). Latency runs from the *intended* start, the moment at which the scenario wanted
// the request to go out, to its durable answer; service time runs from the moment at which it
// really went out. A request that runs into its deadline has waited that long and counts as
// completed; one that fails at once ("connection refused") has no latency and is an error only.
// Warm-up is left out of everything here but `phases`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/timestamp.hpp"
#include "clients/load/report/histogram.hpp"

namespace hugang::report {

/// Raised when a reader of an older record would misunderstand a newer one.
inline constexpr std::uint32_t kSchemaVersion = 1;

/// A line for people: "Arrivals", "open loop, 20,000/s for 60 s".
struct Fact {
  std::string name;
  std::string value;
  friend bool operator==(const Fact&, const Fact&) = default;
};

struct Machine {
  std::string cpu_model;
  std::uint32_t logical_cores = 0;
  std::uint64_t memory_bytes = 0;
  std::string kernel;  ///< "Linux 6.1.0-18-amd64"
  friend bool operator==(const Machine&, const Machine&) = default;
};

/// This machine, as the operating system tells it; what it does not tell is empty or 0.
[[nodiscard]] Machine this_machine();

/// A part of the run, in seconds since started_at: from <= t < to.
struct Phase {
  std::string name;  ///< "warm-up", "steady", "spike"
  double from_s = 0;
  double to_s = 0;
  bool is_measured = true;  ///< false for the warm-up
  friend bool operator==(const Phase&, const Phase&) = default;
};

struct CodeCount {
  std::string code;  ///< "insufficient-funds", "UNAVAILABLE"
  std::uint64_t count = 0;
  friend bool operator==(const CodeCount&, const CodeCount&) = default;
};
/// Ascending by code, each once.
using CodeCounts = std::vector<CodeCount>;

/// Adds `count` to the code's entry. Keeps the order.
void add_code(CodeCounts& counts, std::string_view code, std::uint64_t count = 1);
[[nodiscard]] std::uint64_t total(const CodeCounts& counts);

/// The latencies of one second. The outline is what lets a comparison resample seconds and a report
/// draw them: coarser than a run's histogram, and small.
struct Latency {
  std::uint64_t count = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p90_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t p999_ns = 0;
  std::uint64_t max_ns = 0;
  /// In buckets of 1/64 of their lower end (LogLinear<6>): ascending, none empty.
  std::vector<Slot> outline;
  friend bool operator==(const Latency&, const Latency&) = default;
};

/// All zero when the window is empty.
[[nodiscard]] Latency summarise(const Histogram& window);

/// One second of measured time. Intended, offered: by when that was. Completed, refused, errors,
/// latency: by when the answer came. A second without answers has an empty latency; it is listed
/// nevertheless, for a stall must be seen.
struct Second {
  std::uint32_t second = 0;  ///< since started_at, whole; ascending without gaps
  std::uint64_t intended =
      0;  ///< requests that the scenario wanted to go out (closed loop: offered)
  std::uint64_t offered = 0;              ///< requests that went out, retries not counted
  std::uint64_t completed = 0;            ///< requests answered, or out of time
  std::uint64_t transfers_completed = 0;  ///< transfers (or settlements) accepted and durable
  std::uint64_t transfers_refused = 0;    ///< transfers refused by a rule of the ledger, durably
  CodeCounts refused;                     ///< transfers, by reason
  CodeCounts errors;                      ///< requests without a valid answer, by status
  Latency latency;                        ///< from the intended start, of answered requests
  friend bool operator==(const Second&, const Second&) = default;
};

/// One second of one kind.
struct KindSecond {
  std::uint32_t second = 0;
  std::uint64_t completed = 0;
  std::uint64_t transfers_completed = 0;
  Latency latency;
  friend bool operator==(const KindSecond&, const KindSecond&) = default;
};

/// What became of the requests of one kind.
struct OperationKind {
  std::string name;
  std::uint64_t requests_offered = 0;
  std::uint64_t requests_completed = 0;
  std::uint64_t retries = 0;  ///< requests sent again, with the same ids
  std::uint64_t transfers_accepted = 0;
  CodeCounts refused;               ///< transfers, by reason
  CodeCounts errors;                ///< requests without a valid answer, by status
  Histogram latency;                ///< of requests, from the intended start
  Histogram service_time;           ///< of requests, from the moment they went out
  std::vector<KindSecond> seconds;  ///< as RunRecord::seconds: the same seconds, in order
  friend bool operator==(const OperationKind&, const OperationKind&) = default;
};

enum class Verdict {
  kOffered,        ///< the client offered what the scenario asked for; the figures stand
  kClientTooSlow,  ///< it did not: no rate is claimed, latencies include the client's own lag
  kClosedLoop,     ///< nothing to fall behind of: the server's pace is the client's
};

/// Whether the client could do what was asked of it.
struct Honesty {
  Verdict verdict = Verdict::kOffered;
  std::string sentence;  ///< "The client offered 199,998 of 200,000 requests on time."
  std::uint64_t requests_intended = 0;
  std::uint64_t requests_offered = 0;
  /// How late requests went out after their intended start.
  std::uint64_t lag_p50_ns = 0;
  std::uint64_t lag_p99_ns = 0;
  std::uint64_t lag_p999_ns = 0;
  std::uint64_t lag_max_ns = 0;
  /// Cores that the client kept busy on average: 0.85 is 85 % of one core.
  double client_cores_busy = 0;
  friend bool operator==(const Honesty&, const Honesty&) = default;
};

enum class Ending {
  kComplete,
  kInterrupted,  ///< Ctrl-C: what stands here is what was measured until then
  kFailed,
};

/// One node as it described itself. Empty when it was not asked or did not answer.
struct ServerStatus {
  std::string node;  ///< name and address as the profile has them
  std::string version;
  std::vector<Fact> before;
  std::vector<Fact> after;
  friend bool operator==(const ServerStatus&, const ServerStatus&) = default;
};

struct RunRecord {
  std::string program_version;
  Machine machine;
  std::string target;  ///< "127.0.0.1:7001"
  std::string scenario_name;
  std::string scenario_text;  ///< the file as it was read, or as the options amount to
  std::vector<Fact> scenario_summary;
  std::uint64_t seed = 0;
  base::Timestamp started_at;
  double measured_s = 0;  ///< measured time, warm-up excluded
  std::vector<Phase> phases;
  std::vector<Second> seconds;
  std::vector<OperationKind> kinds;
  Honesty honesty;
  Ending ending = Ending::kComplete;
  std::string ending_sentence;  ///< why, when not complete
  std::vector<ServerStatus> servers;
  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

}  // namespace hugang::report
