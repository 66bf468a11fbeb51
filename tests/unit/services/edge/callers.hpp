// Callers of each role, as the directory makes them.
#pragma once

#include <stdexcept>
#include <string>

#include "services/edge/directory.hpp"

namespace hugang::edge {

inline Caller caller_of(std::uint32_t participant, std::uint32_t roles) {
  machine::Participant registered;
  registered.id = base::ParticipantId{participant};
  registered.roles = roles;
  if (!registered.code.assign("someone")) throw std::logic_error{"too long"};
  Directory directory{"shanghai"};
  directory.load({.participants = {registered}, .peers = {}}, base::Seqno{1});
  return *directory.find({"shanghai", "someone"});
}

inline Caller operator_caller() { return caller_of(1, wire::role::kOperator); }
inline Caller participant_caller(std::uint32_t id) {
  return caller_of(id, wire::role::kParticipant);
}
inline Caller regulator_caller() { return caller_of(9, wire::role::kRegulator); }

}  // namespace hugang::edge
