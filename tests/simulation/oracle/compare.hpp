// The oracle's book held against a node's state: the only file here that knows machine::State.
#pragma once

#include <optional>
#include <string>

#include "clearing/machine/state.hpp"
#include "tests/simulation/oracle/book.hpp"

namespace hugang::oracle {

/// The first thing that the state has otherwise, as a sentence. What commands were answered is
/// compared only on demand: snapshots do not hold it.
[[nodiscard]] std::optional<std::string> first_difference(const Book& book,
                                                          const machine::State& state,
                                                          bool has_memory);

}  // namespace hugang::oracle
