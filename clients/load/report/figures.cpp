#include "clients/load/report/figures.hpp"

#include <algorithm>

#include "clients/load/report/quantities.hpp"

namespace hugang::report {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

double per_second(std::uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
}

KindFigures figures_of(const OperationKind& kind, double seconds) {
  KindFigures figures{
      .name = kind.name,
      .requests = kind.requests_completed,
      .transfers = kind.transfers_accepted,
      .refused = total(kind.refused),
      .errors = total(kind.errors),
      .retries = kind.retries,
  };
  figures.requests_per_s = per_second(figures.requests, seconds);
  figures.transfers_per_s = per_second(figures.transfers, seconds);
  figures.error_share = share(figures.errors, kind.requests_offered);
  figures.refused_share = share(figures.refused, figures.refused + figures.transfers);
  return figures;
}

void find_silence(const RunRecord& record, Figures& figures) {
  std::uint32_t length = 0;
  std::uint64_t waiting = 0;
  for (const Second& second : record.seconds) {
    waiting += second.offered;
    const std::uint64_t ended = second.completed + total(second.errors);
    waiting -= std::min(waiting, ended);
    length = (ended == 0 && waiting != 0) ? length + 1 : 0;
    if (length > figures.longest_silence_s) {
      figures.longest_silence_s = length;
      figures.silence_from_s = second.second + 1 - length;
    }
  }
}

CodeCounts by_frequency(const RunRecord& record, CodeCounts OperationKind::* codes) {
  CodeCounts sum;
  for (const OperationKind& kind : record.kinds) {
    for (const CodeCount& code : kind.*codes) add_code(sum, code.code, code.count);
  }
  std::ranges::stable_sort(sum, std::ranges::greater{}, &CodeCount::count);
  return sum;
}

}  // namespace

Figures figures_of(const RunRecord& record) {
  Figures figures;
  std::uint64_t offered = 0;
  figures.all.name = "all";
  for (const OperationKind& kind : record.kinds) {
    figures.kinds.push_back(figures_of(kind, record.measured_s));
    const KindFigures& of_kind = figures.kinds.back();
    figures.all.requests += of_kind.requests;
    figures.all.transfers += of_kind.transfers;
    figures.all.refused += of_kind.refused;
    figures.all.errors += of_kind.errors;
    figures.all.retries += of_kind.retries;
    offered += kind.requests_offered;
    figures.latency.merge(kind.latency);
    figures.service_time.merge(kind.service_time);
    if (of_kind.transfers + of_kind.refused > of_kind.requests) figures.has_batches = true;
  }
  figures.all.requests_per_s = per_second(figures.all.requests, record.measured_s);
  figures.all.transfers_per_s = per_second(figures.all.transfers, record.measured_s);
  figures.all.error_share = share(figures.all.errors, offered);
  figures.all.refused_share =
      share(figures.all.refused, figures.all.refused + figures.all.transfers);
  figures.intended_per_s = per_second(record.honesty.requests_intended, record.measured_s);
  figures.offered_per_s = per_second(record.honesty.requests_offered, record.measured_s);
  figures.is_rate_claimed = record.honesty.verdict != Verdict::kClientTooSlow;
  find_silence(record, figures);
  return figures;
}

std::vector<double> supported_percentiles(std::uint64_t count) {
  // Above each of these, one value in so many lies.
  constexpr std::pair<double, std::uint64_t> kShown[] = {
      {50, 2}, {90, 10}, {99, 100}, {99.9, 1'000}, {99.99, 10'000}, {99.999, 100'000}};
  std::vector<double> percentiles;
  for (const auto& [percent, one_in] : kShown) {
    if (count >= one_in) percentiles.push_back(percent);
  }
  return percentiles;
}

CodeCounts all_refused(const RunRecord& record) {
  return by_frequency(record, &OperationKind::refused);
}

CodeCounts all_errors(const RunRecord& record) {
  return by_frequency(record, &OperationKind::errors);
}

std::vector<std::string> reservations(const RunRecord& record, const Figures& figures) {
  std::vector<std::string> sentences;
  const auto with_reason = [&](std::string sentence) {
    if (!record.ending_sentence.empty()) sentence += " " + record.ending_sentence;
    sentences.push_back(std::move(sentence));
  };
  if (record.ending == Ending::kFailed) with_reason("The run failed.");
  if (record.ending == Ending::kInterrupted) {
    with_reason("The run was stopped early; this is what was measured until then.");
  }
  if (!figures.is_rate_claimed) {
    sentences.push_back("The client was too slow: " + count_text(record.honesty.requests_offered) +
                        " of " + count_text(record.honesty.requests_intended) +
                        " requests went out. No rate is claimed, and latencies hold the client's "
                        "own lateness.");
  }
  if (figures.longest_silence_s >= 2) {
    sentences.push_back("No request ended for " + std::to_string(figures.longest_silence_s) +
                        " s, from second " + std::to_string(figures.silence_from_s) + ".");
  }
  return sentences;
}

}  // namespace hugang::report
