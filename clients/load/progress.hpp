// What is shown while a run goes on: one line for each look, on standard error.
#pragma once

#include <cstdint>
#include <string>

#include "clients/load/collector.hpp"

namespace hugang::load {

/// "00:12  steady   offered 1,000/s  answered 998/s  ...". `elapsed_s` since the start. With
/// batches, rates are of transfers and of requests.
[[nodiscard]] std::string progress_line(double elapsed_s, const std::string& phase,
                                        const Glance& glance);

/// "20,000", "999", "0.5".
[[nodiscard]] std::string count_text(double count);

}  // namespace hugang::load
