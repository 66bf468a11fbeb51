// Opening and changing accounts; declared in registers.hpp.
#include <algorithm>

#include "clearing/machine/channel.hpp"
#include "clearing/machine/funds.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/machine/registers.hpp"
#include "clearing/machine/text.hpp"

namespace hugang::machine {
namespace {

namespace flag = wire::account_flag;

/// Which flags the client may choose; the ledger sets the others by kind.
constexpr std::uint32_t kOpenFlags = flag::kNoDebitBalance | flag::kReviewIncoming;

struct Opening {
  std::uint32_t flags = 0;
  NodeId peer;
};

/// A reserve may be debited at will by its owner (that is the issue of the asset) but never hold a
/// credit balance: no more is redeemed than was issued.
std::expected<Opening, Code> open_reserve(const State& state, const wire::OpenAccount& command,
                                          const Asset& asset) {
  if (asset.issuer != state.self) return std::unexpected{Code::kNotPermitted};
  if (command.flags != 0 || !command.peer.is_none()) return std::unexpected{Code::kFlagsUnknown};
  if (!asset.reserve.is_none()) return std::unexpected{Code::kAccountExists};
  return Opening{flag::kNoCreditBalance, NodeId{}};
}

/// At the issuer the corridor account is what it owes the peer; at the peer it is its claim.
/// Neither may change sides.
std::expected<Opening, Code> open_corridor(State& state, const wire::OpenAccount& command,
                                           const Asset& asset) {
  if (command.flags != 0) return std::unexpected{Code::kFlagsUnknown};
  const Peer* peer = find_peer(state, command.peer);
  if (peer == nullptr) return std::unexpected{Code::kPeerUnknown};
  if (peer->corridors.contains(asset.id)) return std::unexpected{Code::kAccountExists};
  if (asset.issuer == state.self) return Opening{flag::kNoDebitBalance, command.peer};
  if (asset.issuer == command.peer) return Opening{flag::kNoCreditBalance, command.peer};
  return std::unexpected{Code::kAssetNotSettledWithPeer};
}

std::expected<Opening, Code> open_customer(const ApplyContext& context,
                                           const wire::OpenAccount& command) {
  if ((command.flags & ~kOpenFlags) != 0 || !command.peer.is_none()) {
    return std::unexpected{Code::kFlagsUnknown};
  }
  // Credit is the operator's to give.
  const bool may_overdraw = (command.flags & flag::kNoDebitBalance) == 0;
  if (may_overdraw && !is_operator(context.state, context.caller)) {
    return std::unexpected{Code::kNotPermitted};
  }
  return Opening{command.flags, NodeId{}};
}

std::expected<Opening, Code> decide_open(ApplyContext& context, const wire::OpenAccount& command) {
  State& state = context.state;
  const bool by_operator = is_operator(state, context.caller);
  if (command.reserved0 != 0 || command.reserved1 != 0)
    return std::unexpected{Code::kReservedNotZero};
  if (!is_clean_optional(command.alias)) return std::unexpected{Code::kTextMalformed};
  if (const Code code = caller_standing(state, context.caller); code != Code::kOk) {
    return std::unexpected{code};
  }
  if (!by_operator && command.owner != context.caller) return std::unexpected{Code::kNotPermitted};
  if (state.participant(command.owner) == nullptr)
    return std::unexpected{Code::kParticipantUnknown};
  const auto asset = state.assets.find(command.asset);
  if (asset == state.assets.end()) return std::unexpected{Code::kAssetUnknown};
  if (state.accounts.size() >= kAccountsMax) return std::unexpected{Code::kCapacity};
  if (command.kind != wire::AccountKind::kCustomer && !by_operator) {
    return std::unexpected{Code::kNotPermitted};
  }
  switch (command.kind) {  // A number outside the enumeration falls through to the end.
    case wire::AccountKind::kCustomer:
      return open_customer(context, command);
    case wire::AccountKind::kReserve:
      return open_reserve(state, command, asset->second);
    case wire::AccountKind::kCorridor:
      return open_corridor(state, command, asset->second);
  }
  return std::unexpected{Code::kFlagsUnknown};
}

Code decide_update(const ApplyContext& context, const wire::UpdateAccount& command,
                   const Account& account) {
  constexpr std::uint32_t kSettable = flag::kFrozen | flag::kClosed | flag::kReviewIncoming;
  constexpr std::uint32_t kClearable = flag::kFrozen | flag::kReviewIncoming;
  if ((command.set_flags & ~kSettable) != 0 || (command.clear_flags & ~kClearable) != 0) {
    return Code::kFlagsUnknown;
  }
  if ((command.set_flags & command.clear_flags) != 0) return Code::kFlagsExclusive;
  const bool by_operator = is_operator(context.state, context.caller);
  const bool concerns_freeze = ((command.set_flags | command.clear_flags) & flag::kFrozen) != 0;
  if (!by_operator && (concerns_freeze || account.owner != context.caller))
    return Code::kNotPermitted;
  if (account.kind == wire::AccountKind::kCorridor) return Code::kAccountNotAddressable;
  if (account.has(flag::kClosed)) return Code::kAccountClosed;
  const Balance& b = account.balance;
  const bool is_empty =
      b.debits_posted == b.credits_posted && b.debits_pending == 0 && b.credits_pending == 0;
  if ((command.set_flags & flag::kClosed) != 0 && !is_empty) return Code::kAccountNotEmpty;
  return Code::kOk;
}

}  // namespace

Answer apply_open_account(ApplyContext& context, const wire::OpenAccount& command) {
  State& state = context.state;
  const auto opening = decide_open(context, command);
  if (!opening) return refuse(opening.error());

  // From here on nothing can fail.
  Account account;
  account.owner = command.owner;
  account.asset = command.asset;
  account.flags = opening->flags;
  account.kind = command.kind;
  account.peer = opening->peer;
  account.opened_at = context.now;
  state.accounts.push_back(account);
  state.aliases.push_back(command.alias);
  const AccountIndex index{static_cast<std::uint32_t>(state.accounts.size())};
  if (command.kind == wire::AccountKind::kReserve) state.assets.at(command.asset).reserve = index;
  if (command.kind == wire::AccountKind::kCorridor) {
    find_peer(state, command.peer)->corridors.emplace(command.asset, index);
  }
  return {Code::kOk, state.number_of(index).value()};
}

Answer apply_update_account(ApplyContext& context, const wire::UpdateAccount& command) {
  State& state = context.state;
  if (command.reserved != decltype(command.reserved){}) return refuse(Code::kReservedNotZero);
  if (const Code code = caller_standing(state, context.caller); code != Code::kOk)
    return refuse(code);
  const auto index = find_account(state, command.account, true);
  if (!index) return refuse(Code::kAccountUnknown);
  Account& account = state.account(*index);
  if (const Code code = decide_update(context, command, account); code != Code::kOk) {
    return refuse(code);
  }
  account.flags = (account.flags | command.set_flags) & ~command.clear_flags;
  return {Code::kOk, account.flags};
}

}  // namespace hugang::machine
