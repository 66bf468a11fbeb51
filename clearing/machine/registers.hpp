// The slow-moving registers: genesis, assets, participants, accounts, peers, rule packs. Each
// handler decides first and then mutates. Internal to machine/.
#pragma once

#include "clearing/machine/apply_context.hpp"

namespace hugang::machine {

[[nodiscard]] Answer apply_genesis(ApplyContext& context, const wire::Genesis& command);
[[nodiscard]] Answer apply_register_asset(ApplyContext& context,
                                          const wire::RegisterAsset& command);
/// Value: the participant id.
[[nodiscard]] Answer apply_register_participant(ApplyContext& context,
                                                const wire::RegisterParticipant& command);
[[nodiscard]] Answer apply_update_participant(ApplyContext& context,
                                              const wire::UpdateParticipant& command);
[[nodiscard]] Answer apply_register_peer(ApplyContext& context, const wire::RegisterPeer& command);
[[nodiscard]] Answer apply_set_rules(ApplyContext& context, base::ByteSpan record);
/// Value: the account number.
[[nodiscard]] Answer apply_open_account(ApplyContext& context, const wire::OpenAccount& command);
[[nodiscard]] Answer apply_update_account(ApplyContext& context,
                                          const wire::UpdateAccount& command);

}  // namespace hugang::machine
