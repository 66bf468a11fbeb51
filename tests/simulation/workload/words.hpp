// How the simulator's output names things.
#pragma once

#include <string_view>

#include "clearing/base/int128.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::simulation {

/// Enough of an id to find it again among the events of one run.
[[nodiscard]] inline std::uint64_t name_of_id(base::CommandId id) {
  return base::low64(id.value()) % 1'000'000;
}

[[nodiscard]] constexpr std::string_view kind_name(wire::CommandKind kind) {
  using enum wire::CommandKind;
  switch (kind) {
    case kGenesis:
      return "genesis";
    case kRegisterAsset:
      return "asset registration";
    case kRegisterParticipant:
      return "participant registration";
    case kOpenAccount:
      return "account opening";
    case kUpdateAccount:
      return "account update";
    case kTransfer:
      return "transfer";
    case kInstruct:
      return "settlement instruction";
    case kAffirm:
      return "affirmation";
    case kRecall:
      return "recall";
    case kPeerEnvelope:
      return "peer envelope";
    case kTick:
      return "tick";
    case kRegisterPeer:
      return "peer registration";
    case kRotateKey:
      return "key rotation";
    case kReconcile:
      return "reconciliation";
    case kSetRules:
      return "rule pack";
    case kUpdateParticipant:
      return "participant update";
    case kPeerAck:
      return "acknowledgement";
    case kResumePeer:
      return "resumption of a peer";
  }
  return "unknown command";
}

}  // namespace hugang::simulation
