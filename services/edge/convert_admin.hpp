// AdminService: messages to wire records, state to messages.
#pragma once

#include <vector>

#include "clearing/machine/state.hpp"
#include "hugang/v1/admin_service.pb.h"
#include "services/edge/command.hpp"
#include "services/edge/server.hpp"

namespace hugang::edge {

[[nodiscard]] CommandOrFailure to_command(const v1::RegisterParticipantRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::UpdateParticipantRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::RegisterAssetRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::UpdateAccountRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::RegisterPeerRequest& request,
                                          const ServerHooks& hooks);
/// kKeyNotInFolder unless hooks.can_sign_with the key.
[[nodiscard]] CommandOrFailure to_command(const v1::RotateKeyRequest& request,
                                          const ServerHooks& hooks);
[[nodiscard]] CommandOrFailure to_command(const v1::ResumePeerRequest& request);
[[nodiscard]] CommandOrFailure to_command(const v1::SetRulesRequest& request);

void fill(const machine::Participant& participant, v1::Participant& message);

/// What GetNodeStatus shows of the state, copied out of it.
struct LedgerFacts {
  base::NodeId node;
  wire::FixedText<16> code;
  wire::FixedText<64> name;
  base::Timestamp last_at;
  std::uint64_t account_count = 0;
  std::uint64_t id_count = 0;
  std::uint64_t open_holds = 0;
  std::uint64_t open_settlements = 0;
  std::uint32_t rules_version = 0;
  struct PeerFacts {
    base::NodeId node;
    wire::FixedText<16> code;
    base::ChannelSeqno sent;
    base::ChannelSeqno acknowledged;
    base::ChannelSeqno applied;
    machine::Code halted = machine::Code::kOk;
    base::Seqno halt_evidence;
    std::vector<wire::KeyRecord> keys;
  };
  std::vector<PeerFacts> peers;
  std::vector<wire::KeyRecord> own_keys;
};
[[nodiscard]] LedgerFacts ledger_facts(const machine::State& state);
void fill(const LedgerFacts& ledger, const NodeFacts& node, v1::GetNodeStatusResponse& message);

}  // namespace hugang::edge
