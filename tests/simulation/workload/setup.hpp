// What the cities begin with: registers, keys of each other, accounts and issued money.
#pragma once

#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

/// Requires cities that are up and empty. Every command must be accepted.
void set_up(Cities& cities, Book& book);

}  // namespace hugang::simulation
