// What the clients of all cities remember on their own: which accounts there are, what they asked
// and what they were answered. The laws compare the ledgers with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"
#include "services/node/ports.hpp"

namespace hugang::simulation {

struct KnownAccount {
  base::NodeId city;
  base::AccountNumber number;
  base::ParticipantId owner;
  base::AssetId asset;
  wire::AccountKind kind = wire::AccountKind::kCustomer;
};

/// One submission, sent again until it is answered.
struct Request {
  base::NodeId city;
  node::Submission submission{};
  /// What every retry must be answered with; with `is_changed` a known id carries other content.
  std::vector<wire::Outcome> answer{};
  bool is_answered = false;
  bool was_lost = false;  ///< an answer did not come: it may have been carried out all the same
  bool is_changed = false;
};

/// An answered command by its id.
struct Answered {
  wire::CommandKind kind = wire::CommandKind::kTransfer;
  base::ParticipantId caller;
  base::Bytes record;
  wire::Outcome outcome;
};

struct SettlementOffer {
  base::NodeId initiator;
  base::NodeId responder;
  base::CommandId id;
  base::ParticipantId submitter;
  std::vector<wire::Leg> legs;
};

struct OpenHold {
  base::NodeId city;
  base::CommandId id;
  base::ParticipantId owner;
  std::int64_t amount_minor = 0;
};

struct Book {
  std::vector<KnownAccount> accounts;
  std::map<std::pair<base::NodeId, base::CommandId>, Answered> answered;
  std::vector<SettlementOffer> offers;
  std::vector<OpenHold> holds;
  base::NodeId liar;  ///< the peer that lies; none: there is none

  [[nodiscard]] const Answered* find(base::NodeId city, base::CommandId id) const {
    const auto found = answered.find({city, id});
    return found == answered.end() ? nullptr : &found->second;
  }

  /// Somebody, where nobody is known to own it: a request must have a caller.
  [[nodiscard]] base::ParticipantId owner_of(base::AccountNumber number) const {
    const auto found = std::ranges::find(accounts, number, &KnownAccount::number);
    return found == accounts.end() ? base::ParticipantId{2} : found->owner;
  }
};

}  // namespace hugang::simulation
