// A run's record as a JSON file: written for other programs too, read back without trust.
#pragma once

#include <expected>
#include <iosfwd>
#include <string>
#include <string_view>

#include "clients/load/report/run_record.hpp"

namespace hugang::report {

/// What is wrong with a file, and where: "seconds[3].latency.p99_ns is missing".
struct ReadError {
  std::string sentence;
};

/// Bytes; a run of a day with twenty kinds stays below.
inline constexpr std::size_t kRecordBytesMax = std::size_t{1} << 30;

/// One JSON object, a line per second and per histogram. Texts that are no UTF-8 get U+FFFD in
/// place of what is not.
void write_json(const RunRecord& record, std::ostream& out);

/// The record, if the text is one, is of this schema and agrees with itself. Members that are not
/// known are passed over, so that a later version may add some.
[[nodiscard]] std::expected<RunRecord, ReadError> read_json(std::string_view text);

/// The same from a file; the sentence names it.
[[nodiscard]] std::expected<RunRecord, ReadError> read_json_file(const std::string& path);

}  // namespace hugang::report
