// The words of the record's JSON for closed choices. Written in files: never change one.
#pragma once

#include <optional>
#include <string_view>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {

inline constexpr std::string_view kSchemaName = "hugang-load-run";

[[nodiscard]] constexpr std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOffered:
      return "offered";
    case Verdict::kClientTooSlow:
      return "client-too-slow";
    case Verdict::kClosedLoop:
      return "closed-loop";
  }
  return "";
}

[[nodiscard]] constexpr std::string_view word_of(Ending ending) {
  switch (ending) {
    case Ending::kComplete:
      return "complete";
    case Ending::kInterrupted:
      return "interrupted";
    case Ending::kFailed:
      return "failed";
  }
  return "";
}

[[nodiscard]] constexpr std::optional<Verdict> verdict_of(std::string_view word) {
  for (const Verdict v : {Verdict::kOffered, Verdict::kClientTooSlow, Verdict::kClosedLoop}) {
    if (word_of(v) == word) return v;
  }
  return std::nullopt;
}

[[nodiscard]] constexpr std::optional<Ending> ending_of(std::string_view word) {
  for (const Ending e : {Ending::kComplete, Ending::kInterrupted, Ending::kFailed}) {
    if (word_of(e) == word) return e;
  }
  return std::nullopt;
}

}  // namespace hugang::report
