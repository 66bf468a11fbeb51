// What the cities begin with: registers, keys of each other, accounts and issued money.
#pragma once

#include "tests/simulation/laws/laws.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

/// Requires cities that are up and empty. Every command must be accepted.
void set_up(Cities& cities, Book& book);

/// Does a command on a city that is up, without faults, and writes its answer into the book. It
/// must be accepted.
template <wire::IsRecord Record>
wire::Outcome act_at_once(City& city, Book& book, wire::CommandKind kind,
                          base::ParticipantId caller, const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  const base::Bytes copy{bytes.begin(), bytes.end()};
  const auto outcomes =
      city.do_at_once({.kind = kind, .caller = caller, .count = 1, .records = copy});
  HG_CHECK(outcomes.size() == 1 && outcomes[0].code == machine::Code::kOk);
  book.answered.insert_or_assign({city.id(), record.id}, Answered{kind, caller, copy, outcomes[0]});
  return outcomes[0];
}

}  // namespace hugang::simulation
