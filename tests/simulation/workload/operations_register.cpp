// What operators and owners do to the registers: accounts, freezes, suspensions, rules, keys.
#include <array>

#include "clearing/wire/batch.hpp"
#include "tests/simulation/workload/workload.hpp"

namespace hugang::simulation {
namespace {

constexpr base::ParticipantId kOperator{1};

std::optional<Request> open_account(Workload& load) {
  City& city = load.any_city();
  const KnownAccount* like = load.any_account(city.id());
  if (like == nullptr) return std::nullopt;
  wire::OpenAccount record;
  record.id = load.new_id();
  record.owner = like->owner;
  record.asset = like->asset;
  record.flags = wire::account_flag::kNoDebitBalance;
  if (load.random().chance(200)) record.flags |= wire::account_flag::kReviewIncoming;
  return request_of(city, wire::CommandKind::kOpenAccount, like->owner, record);
}

/// Freezes seldom and thaws often, so that life goes on.
std::optional<Request> freeze(Workload& load) {
  City& city = load.any_city();
  const KnownAccount* account = load.any_account(city.id());
  if (account == nullptr) return std::nullopt;
  wire::UpdateAccount record;
  record.id = load.new_id();
  record.account = account->number;
  if (load.random().chance(250)) {
    record.set_flags = wire::account_flag::kFrozen;
  } else {
    record.clear_flags = wire::account_flag::kFrozen;
  }
  if (load.random().chance(100)) record.set_flags |= wire::account_flag::kReviewIncoming;
  if (load.random().chance(30)) record.set_flags = wire::account_flag::kClosed;
  return request_of(city, wire::CommandKind::kUpdateAccount, kOperator, record);
}

std::optional<Request> suspend(Workload& load) {
  City& city = load.any_city();
  wire::UpdateParticipant record;
  record.id = load.new_id();
  record.participant = base::ParticipantId{static_cast<std::uint32_t>(load.random().between(2, 4))};
  record.suspend = load.random().chance(200) ? 1 : 0;
  return request_of(city, wire::CommandKind::kUpdateParticipant, kOperator, record);
}

std::optional<Request> set_rules(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  wire::SetRulesHead head;
  head.id = load.new_id();
  const machine::State& state = city->state();
  head.version =
      (state.pending_rules.empty() ? state.rules.version : state.pending_rules.back().version) + 1;
  if (load.random().chance(500)) {
    head.effective_from =
        city->wall_clock() + base::Duration::milliseconds(load.random().between(1, 5'000));
  }
  std::vector<wire::Rule> rules;
  const KnownAccount* account = load.any_account(city->id());
  if (account != nullptr && load.random().chance(600)) {
    wire::Rule rule;
    rule.kind = wire::RuleKind::kSingleMax;
    rule.asset = account->asset;
    rule.value = load.random().between(1'000, 3'000'000);
    rules.push_back(rule);
    rule.kind = wire::RuleKind::kCorridorCap;
    rule.peer = base::NodeId{city->id().value() == 1 ? 2U : 1U};
    rule.value = load.random().between(10'000, 9'000'000);
    rules.push_back(rule);
  }
  return rules_request(*city, head, rules);
}

/// The next key of the city, with an overlap that covers the skew of the clocks.
std::optional<Request> rotate_key(Workload& load) {
  City* city = load.any_city_up();
  if (city == nullptr) return std::nullopt;
  const auto known = static_cast<std::uint32_t>(city->state().own_keys.size());
  if (known >= City::kKeys) return std::nullopt;
  const base::Timestamp from =
      city->wall_clock() + base::Duration::milliseconds(load.random().between(100, 20'000));
  wire::RotateKey record;
  record.id = load.new_id();
  record.previous_valid_to = from + base::Duration::seconds(30);
  record.key = city->key_record(known, from, from + base::Duration::seconds(86'400 * 365));
  return request_of(*city, wire::CommandKind::kRotateKey, kOperator, record);
}

constexpr auto kOperations = std::to_array<Operation>({
    {"account opening", 3, open_account},
    {"freeze or thaw", 5, freeze},
    {"suspension", 2, suspend},
    {"rule pack", 2, set_rules},
    {"key rotation", 1, rotate_key},
});

}  // namespace

std::span<const Operation> register_operations() { return kOperations; }

}  // namespace hugang::simulation
