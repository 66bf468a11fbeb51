// A small founded ledger for the fuzz targets: two banks, two assets, a peer with corridor
// accounts, money on both sides. The hashes are cheap stand-ins: the core needs them pure, not
// strong.
#pragma once

#include <array>
#include <cstdint>

#include "clearing/machine/machine.hpp"
#include "clearing/machine/snapshot.hpp"

namespace hugang::fuzz {

inline machine::Digest cheap_digest(base::ByteSpan bytes) {
  machine::Digest digest;
  std::uint64_t x = 0xCBF29CE484222325ULL;
  for (const std::byte b : bytes) {
    x = (x ^ std::to_integer<std::uint64_t>(b)) * 0x100000001B3ULL;
  }
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    if (i % 8 == 0) x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ULL;
    digest.bytes[i] = static_cast<std::byte>(x >> (8 * (i % 8)));
  }
  return digest;
}

inline machine::Digest cheap_chain(const machine::Digest& before, base::ByteSpan message) {
  base::Bytes bytes{before.bytes.begin(), before.bytes.end()};
  bytes.insert(bytes.end(), message.begin(), message.end());
  return cheap_digest(bytes);
}

inline machine::Hashing cheap_hashing() { return {cheap_digest, cheap_chain}; }

inline constexpr base::Timestamp kFuzzBegin{1'000'000'000};
inline constexpr base::NodeId kPeer{2};

/// A key of no algorithm; its id is its hash, as the core demands.
inline wire::KeyRecord fuzz_key(std::uint8_t number) {
  wire::KeyRecord key;
  key.suite = 1;
  key.der_bytes = 1;
  key.der[0] = static_cast<std::byte>(number);
  key.valid_to = base::Timestamp{INT64_MAX};
  const std::array<std::byte, 2> named{std::byte{1}, std::byte{number}};
  std::uint64_t id = 0;
  const machine::Digest digest = cheap_digest(named);
  for (std::size_t i = 0; i < 8; ++i)
    id = id << 8 | std::to_integer<std::uint64_t>(digest.bytes[i]);
  key.key_id = base::KeyId{id};
  return key;
}

inline base::AccountNumber own(std::uint32_t index) {
  return base::make_account_number({base::NodeId{1}, base::AccountIndex{index}});
}
inline base::AccountNumber others(std::uint32_t index) {
  return base::make_account_number({kPeer, base::AccountIndex{index}});
}

/// Accounts: 1 reserve of asset 1; 2 and 3 the corridors of assets 1 and 2; 4 and 5 bank 2's and
/// bank 3's in asset 1; 6 and 7 in asset 2 (6 reviews what comes in).
class Founder {
 public:
  base::Bytes section() {
    wire::Genesis genesis;
    genesis.node = base::NodeId{1};
    (void)genesis.code.assign("a");
    (void)genesis.name.assign("a");
    add(wire::CommandKind::kGenesis, 0, genesis);
    for (const char* name : {"op", "icbc", "boc"}) {
      wire::RegisterParticipant bank;
      bank.roles = name[0] == 'o' ? wire::role::kOperator : wire::role::kParticipant;
      (void)bank.code.assign(name);
      (void)bank.name.assign(name);
      add(wire::CommandKind::kRegisterParticipant, 0, bank);
    }
    for (std::uint32_t i = 1; i <= 2; ++i) {
      wire::RegisterAsset asset;
      asset.asset = base::AssetId{i};
      asset.issuer = base::NodeId{i};
      (void)asset.code.assign(i == 1 ? "CNY.D" : "HKD");
      add(wire::CommandKind::kRegisterAsset, 1, asset);
    }
    wire::RotateKey own_key;
    own_key.key = fuzz_key(1);
    add(wire::CommandKind::kRotateKey, 1, own_key);
    wire::RegisterPeer peer;
    peer.peer = kPeer;
    (void)peer.code.assign("b");
    peer.key = fuzz_key(2);
    add(wire::CommandKind::kRegisterPeer, 1, peer);
    open(1, 1, wire::AccountKind::kReserve, 0);
    open(1, 1, wire::AccountKind::kCorridor, 0);
    open(1, 2, wire::AccountKind::kCorridor, 0);
    open(2, 1, wire::AccountKind::kCustomer, wire::account_flag::kNoDebitBalance);
    open(3, 1, wire::AccountKind::kCustomer, wire::account_flag::kNoDebitBalance);
    open(2, 2, wire::AccountKind::kCustomer,
         wire::account_flag::kNoDebitBalance | wire::account_flag::kReviewIncoming);
    open(3, 2, wire::AccountKind::kCustomer, wire::account_flag::kNoDebitBalance);
    wire::Transfer issue;
    issue.debit = own(1);
    issue.credit = own(4);
    issue.asset = base::AssetId{1};
    issue.amount_minor = 1'000'000;
    add(wire::CommandKind::kTransfer, 1, issue);
    const auto bytes = builder_.section();
    return {bytes.begin(), bytes.end()};
  }

 private:
  template <class Record>
  void add(wire::CommandKind kind, std::uint32_t caller, Record record) {
    record.id = base::CommandId{0xF000 + ++ids_};
    builder_.add(kind, base::ParticipantId{caller}, record);
  }
  void open(std::uint32_t owner, std::uint32_t asset, wire::AccountKind kind, std::uint32_t flags) {
    wire::OpenAccount command;
    command.owner = base::ParticipantId{owner};
    command.asset = base::AssetId{asset};
    command.kind = kind;
    command.flags = flags;
    if (kind == wire::AccountKind::kCorridor) command.peer = kPeer;
    add(wire::CommandKind::kOpenAccount, 1, command);
  }

  wire::BatchBuilder builder_;
  std::uint32_t ids_ = 0;
};

/// A machine after the founding entry, every command of which succeeded.
inline machine::Machine founded_machine() {
  static const machine::Machine kFounded = [] {
    machine::Machine machine{cheap_hashing()};
    machine::Effects effects;
    const base::Bytes section = Founder{}.section();
    HG_CHECK(machine.apply({base::Seqno{1}, kFuzzBegin}, section, effects).has_value());
    for (const auto& outcome : effects.outcomes) HG_CHECK(outcome.code == machine::Code::kOk);
    return machine;
  }();
  return kFounded;
}

inline base::Bytes snapshot_of(const machine::State& state) {
  base::Bytes bytes;
  machine::encode_snapshot(state, bytes);
  return bytes;
}

}  // namespace hugang::fuzz
