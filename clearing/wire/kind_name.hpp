// What the kinds of command are called in reports, dumps and messages.
#pragma once

#include <string_view>

#include "clearing/wire/records.hpp"

namespace hugang::wire {

/// As the JSON dump has it; "unknown" for a number that no kind has.
[[nodiscard]] constexpr std::string_view kind_name(CommandKind kind) {
  switch (kind) {
    case CommandKind::kGenesis:
      return "genesis";
    case CommandKind::kRegisterAsset:
      return "register_asset";
    case CommandKind::kRegisterParticipant:
      return "register_participant";
    case CommandKind::kOpenAccount:
      return "open_account";
    case CommandKind::kUpdateAccount:
      return "update_account";
    case CommandKind::kTransfer:
      return "transfer";
    case CommandKind::kInstruct:
      return "instruct";
    case CommandKind::kAffirm:
      return "affirm";
    case CommandKind::kRecall:
      return "recall";
    case CommandKind::kPeerEnvelope:
      return "peer_envelope";
    case CommandKind::kTick:
      return "tick";
    case CommandKind::kRegisterPeer:
      return "register_peer";
    case CommandKind::kRotateKey:
      return "rotate_key";
    case CommandKind::kReconcile:
      return "reconcile";
    case CommandKind::kSetRules:
      return "set_rules";
    case CommandKind::kUpdateParticipant:
      return "update_participant";
    case CommandKind::kPeerAck:
      return "peer_ack";
    case CommandKind::kResumePeer:
      return "resume_peer";
  }
  return "unknown";
}

}  // namespace hugang::wire
