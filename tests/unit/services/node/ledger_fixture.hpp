// Submissions that make a small ledger, and the answers to them: for tests of the node.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/machine/machine.hpp"
#include "clearing/wire/records.hpp"
#include "crypto/digest.hpp"
#include "services/node/sequencer.hpp"

namespace hugang::node::testing {

inline constexpr base::NodeId kNode{1};
inline constexpr base::AssetId kECny{1};
inline constexpr base::ParticipantId kOperator{1};
inline constexpr base::ParticipantId kBank{2};

inline machine::Machine empty_machine() {
  return machine::Machine{machine::Hashing{&crypto::sha256, &crypto::chain_next}};
}

/// A wall-clock time `ms` milliseconds into a day of 2026.
inline base::Timestamp at_ms(std::int64_t ms) {
  return base::Timestamp{1'767'225'600'000'000'000} + base::Duration::milliseconds(ms);
}

inline base::CommandId id(std::uint64_t number) { return base::CommandId{number}; }

/// The ledger's account of that position.
inline base::AccountNumber account(std::uint32_t index) {
  return base::make_account_number({kNode, base::AccountIndex{index}});
}

template <wire::IsRecord Record>
Submission submission(wire::CommandKind kind, base::ParticipantId caller,
                      std::span<const Record> records) {
  const auto bytes = std::as_bytes(records);
  return Submission{.kind = kind,
                    .caller = caller,
                    .count = static_cast<std::uint32_t>(records.size()),
                    .records = {bytes.begin(), bytes.end()}};
}

template <wire::IsRecord Record>
Submission submission(wire::CommandKind kind, base::ParticipantId caller, const Record& record) {
  return submission(kind, caller, std::span{&record, 1});
}

/// `minor` from account 1 (the reserve) or 2 to account 2 or 3.
inline wire::Transfer transfer(std::uint64_t number, std::uint32_t debit, std::uint32_t credit,
                               std::int64_t minor, std::uint16_t flags = 0) {
  wire::Transfer record;
  record.id = id(number);
  record.debit = account(debit);
  record.credit = account(credit);
  record.amount_minor = minor;
  record.asset = kECny;
  record.flags = flags;
  return record;
}

inline Submission one_transfer(const wire::Transfer& record,
                               base::ParticipantId caller = kOperator) {
  return submission(wire::CommandKind::kTransfer, caller, record);
}

/// Genesis, the operator, a bank, e-CNY, its reserve (account 1) and two accounts of the bank
/// (2 and 3). Ids from 1,000,001 on.
inline std::vector<Submission> small_ledger() {
  std::vector<Submission> steps;
  std::uint64_t number = 1'000'001;

  wire::Genesis genesis;
  genesis.id = id(number++);
  genesis.node = kNode;
  HG_CHECK(genesis.code.assign("shanghai") && genesis.name.assign("Shanghai"));
  steps.push_back(submission(wire::CommandKind::kGenesis, kNodeCaller, genesis));

  const std::pair<std::string_view, std::uint32_t> participants[] = {
      {"operator", wire::role::kOperator}, {"BANK", wire::role::kParticipant}};
  for (const auto& [code, roles] : participants) {
    wire::RegisterParticipant participant;
    participant.id = id(number++);
    participant.roles = roles;
    HG_CHECK(participant.code.assign(code) && participant.name.assign(code));
    steps.push_back(submission(wire::CommandKind::kRegisterParticipant, kNodeCaller, participant));
  }

  wire::RegisterAsset asset;
  asset.id = id(number++);
  asset.asset = kECny;
  asset.issuer = kNode;
  asset.scale = 2;
  HG_CHECK(asset.code.assign("CNY.D"));
  steps.push_back(submission(wire::CommandKind::kRegisterAsset, kOperator, asset));

  const auto open = [&](wire::AccountKind kind, base::ParticipantId owner, std::uint32_t flags) {
    wire::OpenAccount account;
    account.id = id(number++);
    account.owner = owner;
    account.asset = kECny;
    account.flags = flags;
    account.kind = kind;
    steps.push_back(submission(wire::CommandKind::kOpenAccount, kOperator, account));
  };
  open(wire::AccountKind::kReserve, kOperator, 0);
  open(wire::AccountKind::kCustomer, kBank, wire::account_flag::kNoDebitBalance);
  open(wire::AccountKind::kCustomer, kBank, wire::account_flag::kNoDebitBalance);
  return steps;
}

/// Where an answer callback leaves what it was told.
struct Heard {
  std::optional<std::expected<Answer, SubmitError>> result;

  [[nodiscard]] AnswerCallback callback() {
    return [this](std::expected<Answer, SubmitError> answer) { result = std::move(answer); };
  }
  [[nodiscard]] bool was_answered() const { return result && result->has_value(); }
};

inline AnswerCallback nobody() {
  return [](const std::expected<Answer, SubmitError>&) {};
}

}  // namespace hugang::node::testing
