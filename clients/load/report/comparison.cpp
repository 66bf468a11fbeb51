#include "clients/load/report/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "clearing/base/check.hpp"
#include "clients/load/report/comparison_words.hpp"
#include "clients/load/report/quantities.hpp"
#include "clients/load/report/samples.hpp"

namespace hugang::report {
namespace {

using Records = std::span<const RunRecord>;

constexpr double kMissShare = 0.05;      ///< of comparisons of equal sides that find something
constexpr std::size_t kSecondsMin = 10;  ///< of a run that is alone on its side
/// A percentile is judged when at least so many requests of a side lie above it.
constexpr double kRequestsAboveMin = 10;
/// Below these, a difference between single runs is not called: what differs from run to run.
constexpr double kRatioFloor = 0.01;
constexpr double kShareFloor = 0.0001;

struct Asked {
  Question question;
  Unit unit = Unit::kPerSecond;
  bool is_more_better = false;
  std::string name;
};

std::uint64_t requests_of(Records records, const std::string& kind) {
  std::uint64_t requests = 0;
  for (const RunRecord& record : records) {
    for (const OperationKind& k : record.kinds) {
      if (k.name == kind) requests += k.latency.count();
    }
  }
  return requests;
}

std::vector<Asked> questions_about(Records a, Records b) {
  std::vector<Asked> asked;
  const auto has_transfers = [](Records records) {
    return std::ranges::any_of(records, [](const RunRecord& record) {
      return std::ranges::any_of(record.kinds,
                                 [](const auto& kind) { return kind.transfers_accepted != 0; });
    });
  };
  const bool transfers = has_transfers(a) && has_transfers(b);
  asked.push_back(
      {{transfers ? Quantity::kTransfersPerSecond : Quantity::kRequestsPerSecond, {}, 0},
       Unit::kPerSecond,
       true,
       transfers ? "transfers per second" : "requests per second"});
  for (const OperationKind& kind : a.front().kinds) {
    if (requests_of(b, kind.name) == 0) continue;
    for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
      asked.push_back({{Quantity::kLatency, kind.name, percent},
                       Unit::kNanoseconds,
                       false,
                       kind.name + " " + percentile_name(percent)});
    }
  }
  asked.push_back({{Quantity::kErrorShare, {}, 0}, Unit::kShare, false, "errors"});
  asked.push_back({{Quantity::kRefusedShare, {}, 0}, Unit::kShare, false, "refusals"});
  return asked;
}

/// One side of the comparison.
class Side {
 public:
  explicit Side(Records records) {
    for (const RunRecord& record : records) runs_.emplace_back(record);
  }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  [[nodiscard]] std::size_t shortest_s() const {
    return std::ranges::min(runs_, {}, &RunSample::seconds).seconds();
  }

  /// The measure on the scale on which it is compared: the logarithm of rates and latencies.
  [[nodiscard]] std::optional<double> scaled(const Asked& asked,
                                             std::optional<double> value) const {
    if (!value || asked.unit == Unit::kShare) return value;
    if (!(*value > 0)) return std::nullopt;
    return std::log(*value);
  }

  /// From how much the runs differ. Requires two.
  [[nodiscard]] std::optional<Estimate> across_runs(const Asked& asked) const {
    std::vector<double> values;
    for (const RunSample& run : runs_) {
      const auto value = scaled(asked, run.value(asked.question));
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    return mean_of(values);
  }

  /// From how much the blocks of seconds differ; runs that stand together are one long sample.
  [[nodiscard]] std::optional<Estimate> within_runs(const Asked& asked,
                                                    const CompareOptions& options) const {
    double blocks = 0;
    std::vector<double> wholes;
    std::vector<double> errors_squared;
    for (const RunSample& run : runs_) {
      const auto estimate = within(run, asked, options);
      if (!estimate) return std::nullopt;
      wholes.push_back(estimate->value);
      errors_squared.push_back(estimate->standard_error * estimate->standard_error);
      blocks += estimate->degrees_of_freedom;
    }
    const auto n = static_cast<double>(runs_.size());
    double value = 0;
    double error_squared = 0;
    for (const double whole : wholes) value += whole / n;
    for (const double error : errors_squared) error_squared += error / (n * n);
    return Estimate{value, std::sqrt(error_squared), blocks};
  }

 private:
  [[nodiscard]] std::optional<Estimate> within(const RunSample& run, const Asked& asked,
                                               const CompareOptions& options) const {
    const auto whole = scaled(asked, run.value(asked.question));
    if (!whole) return std::nullopt;
    // Every measure sees the same draws, and both sides the same seed: nothing is left to the order
    // in which measures are asked for.
    std::mt19937_64 random{options.seed};
    Weights weights(run.seconds());
    double sum = 0;
    double squares = 0;
    double count = 0;
    for (std::uint32_t draw = 0; draw < options.draws; ++draw) {
      draw_blocks(random, run.block(), weights);
      const auto value = scaled(asked, run.value(asked.question, weights));
      if (!value) continue;  // only empty seconds were drawn
      sum += *value - *whole;
      squares += (*value - *whole) * (*value - *whole);
      count += 1;
    }
    if (count < 2) return std::nullopt;
    const double variance = std::max(0.0, (squares - (sum * sum / count)) / (count - 1));
    const double blocks = static_cast<double>(run.seconds()) / static_cast<double>(run.block());
    // Drawing from n blocks shows (n-1)/n of the variance that there is.
    return Estimate{*whole, std::sqrt(variance * blocks / (blocks - 1)), blocks - 1};
  }

  std::vector<RunSample> runs_;
};

std::string too_few_requests(const Asked& asked, Records a, Records b) {
  if (asked.question.quantity != Quantity::kLatency) return {};
  const double needed = kRequestsAboveMin / (1 - (asked.question.percent / 100));
  const std::uint64_t fewest =
      std::min(requests_of(a, asked.question.kind), requests_of(b, asked.question.kind));
  if (static_cast<double>(fewest) >= needed - 0.5) return {};
  return "too few requests to judge: " + count_text(fewest) + ", " +
         count_text(static_cast<std::uint64_t>(std::llround(needed))) + " are needed";
}

/// Fills in change and finding from the difference on the scale of the comparison.
void judge(Measure& measure, const Asked& asked, const Estimate& difference, double alpha,
           bool is_single) {
  const double half = half_width(difference, alpha);
  double low = difference.value - half;
  double high = difference.value + half;
  double change = difference.value;
  double floor = kShareFloor;
  if (asked.unit != Unit::kShare) {
    low = std::expm1(low);
    high = std::expm1(high);
    change = std::expm1(change);
    floor = kRatioFloor;
  }
  measure.change = change;
  measure.low = low;
  measure.high = high;
  const bool is_seen = low > 0 || high < 0;
  const bool is_enough = !is_single || std::abs(change) >= floor;
  measure.finding = Finding::kNoDifference;
  if (is_seen && is_enough) {
    measure.finding = (change > 0) == asked.is_more_better ? Finding::kBetter : Finding::kWorse;
  }
  measure.sentence = finding_text(measure);
}

}  // namespace

bool Comparison::is_worse(double threshold) const {
  return std::ranges::any_of(measures, [&](const Measure& measure) {
    return measure.finding == Finding::kWorse && std::abs(measure.change) > threshold;
  });
}

Comparison compare(Records a, Records b, const CompareOptions& options) {
  HG_CHECK(!a.empty());
  HG_CHECK(!b.empty());
  HG_CHECK(options.draws >= 100);
  Comparison comparison{
      .measures = {}, .warnings = doubts(a, b), .runs_a = a.size(), .runs_b = b.size()};
  const Side side_a{a};
  const Side side_b{b};
  const bool is_single = a.size() < 2 || b.size() < 2;
  const std::vector<Asked> asked = questions_about(a, b);
  const double alpha = kMissShare / static_cast<double>(asked.size());
  const std::size_t shortest = std::min(side_a.shortest_s(), side_b.shortest_s());
  for (const Asked& ask : asked) {
    Measure measure;
    measure.name = ask.name;
    measure.unit = ask.unit;
    const auto estimate = [&](const Side& side) -> std::optional<Estimate> {
      if (!is_single) return side.across_runs(ask);
      if (side.shortest_s() < kSecondsMin) return std::nullopt;
      return side.within_runs(ask, options);
    };
    const auto of_a = estimate(side_a);
    const auto of_b = estimate(side_b);
    const auto shown = [&](const Estimate& e) {
      return ask.unit == Unit::kShare ? e.value : std::exp(e.value);
    };
    if (of_a) measure.a = shown(*of_a);
    if (of_b) measure.b = shown(*of_b);
    measure.sentence = too_few_requests(ask, a, b);
    if (measure.sentence.empty() && is_single && shortest < kSecondsMin) {
      measure.sentence = "too few seconds to judge: " + std::to_string(shortest) + ", " +
                         std::to_string(kSecondsMin) + " are needed";
    }
    if (measure.sentence.empty() && (!of_a || !of_b)) measure.sentence = "nothing to compare";
    if (measure.sentence.empty()) {
      judge(measure, ask, difference(*of_a, *of_b), alpha, is_single);
    }
    comparison.measures.push_back(std::move(measure));
  }
  return comparison;
}

}  // namespace hugang::report
