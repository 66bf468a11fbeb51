// What somebody else tries: any command in another participant's name, and known commands again
// from another caller.
#include <array>

#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

base::ParticipantId another(Workload& load, base::ParticipantId than) {
  base::ParticipantId drawn = than;
  while (drawn == than) {
    drawn = base::ParticipantId{static_cast<std::uint32_t>(load.random().between(1, 5))};
  }
  return drawn;
}

/// An operation of the others, with another caller.
std::optional<Request> in_anothers_name(Workload& load) {
  std::span<const Operation> family = transfer_operations();
  if (load.random().chance(500)) family = settlement_operations();
  if (load.random().chance(200)) family = register_operations();
  const Operation& operation = family[static_cast<std::size_t>(load.random().below(family.size()))];
  auto request = operation.make(load);
  if (request) request->submission.caller = another(load, request->submission.caller);
  return request;
}

/// Every id is answered for its own caller only.
std::optional<Request> anothers_retry(Workload& load) {
  const auto& answered = load.book().answered;
  const auto found = answered.lower_bound({load.any_city().id(), load.new_id()});
  if (found == answered.end()) return std::nullopt;
  return Request{.city = found->first.first,
                 .submission = {.kind = found->second.kind,
                                .caller = another(load, found->second.caller),
                                .count = 1,
                                .records = found->second.record},
                 .is_changed = true};
}

constexpr auto kOperations = std::to_array<Operation>({
    {"in another's name", 6, in_anothers_name},
    {"another's retry", 2, anothers_retry},
});

}  // namespace

std::span<const Operation> impostor_operations() { return kOperations; }

}  // namespace hugang::simulation
