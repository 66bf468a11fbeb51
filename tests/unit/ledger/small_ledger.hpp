// A ledger with a real machine behind it: what a node would write, without the node.
#pragma once

#include <string_view>

#include "clearing/machine/machine.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/message.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger::test {

inline constexpr NodeId kSelf{7};
inline constexpr NodeId kPeer{8};
inline constexpr base::AssetId kAsset{1};
inline constexpr base::ParticipantId kNodeItself{};
inline constexpr base::ParticipantId kOperator{1};

inline machine::Hashing real_hashing() {
  return {.sha256 = crypto::sha256, .chain_next = crypto::chain_next};
}

template <std::size_t N>
wire::FixedText<N> text(std::string_view value) {
  wire::FixedText<N> fixed;
  HG_CHECK(fixed.assign(value));
  return fixed;
}

/// Applies commands and appends the entries to a journal.
class SmallLedger {
 public:
  explicit SmallLedger(Journal& journal)
      : journal_{journal},
        machine_{real_hashing()},
        peer_key_{crypto::PrivateKey::generate(crypto::Suite::kEd25519)} {}

  machine::Machine& machine() { return machine_; }
  const machine::State& state() const { return machine_.state(); }
  const crypto::PrivateKey& peer_key() const { return peer_key_; }

  template <class Record>
  void add(wire::CommandKind kind, base::ParticipantId caller, Record record) {
    record.id = base::CommandId{++last_id_};
    batch_.add(kind, caller, record);
  }
  /// As one group, in which chains may be linked.
  void add_transfers(std::vector<wire::Transfer> transfers) {
    for (wire::Transfer& transfer : transfers) transfer.id = base::CommandId{++last_id_};
    batch_.add_group(wire::CommandKind::kTransfer, kOperator,
                     static_cast<std::uint32_t>(transfers.size()),
                     std::as_bytes(std::span{transfers}));
  }
  void add_envelope(base::ByteSpan envelope) {
    const base::Bytes record = wire::encode_peer_envelope(kPeer, envelope);
    batch_.add_group(wire::CommandKind::kPeerEnvelope, kNodeItself, 1, record);
  }

  /// Applies what was added as one entry, appends it and returns the outcomes.
  std::vector<wire::Outcome> commit() {
    const machine::EntryContext context{.seqno = Seqno{state().last_seqno.value() + 1},
                                        .at = state().last_at + base::Duration::milliseconds(1)};
    HG_CHECK(machine_.apply(context, batch_.section(), effects_).has_value());
    const base::Bytes entry =
        encode_entry(context, kSelf, journal_.last_checksum(), batch_, effects_);
    const ByteSpan span{entry};
    HG_CHECK(journal_.append(std::span{&span, 1}).has_value());
    batch_.clear();
    return effects_.outcomes;
  }

  /// Genesis, operator, an asset with its reserve, and `count` customer accounts with 10,000.00
  /// each.
  void begin(std::uint32_t count) {
    wire::Genesis genesis;
    genesis.node = kSelf;
    genesis.code = text<16>("shanghai");
    genesis.name = text<64>("Shanghai 上海");
    add(wire::CommandKind::kGenesis, kNodeItself, genesis);
    wire::RegisterParticipant participant;
    participant.roles = wire::role::kOperator | wire::role::kParticipant;
    participant.code = text<16>("operator");
    participant.name = text<72>("The operator");
    add(wire::CommandKind::kRegisterParticipant, kNodeItself, participant);
    expect_ok(commit());
    wire::RegisterAsset asset;
    asset.asset = kAsset;
    asset.issuer = kSelf;
    asset.scale = 2;
    asset.code = text<8>("CNY.D");
    add(wire::CommandKind::kRegisterAsset, kOperator, asset);
    open_account(wire::AccountKind::kReserve, 0);
    for (std::uint32_t i = 0; i < count; ++i) {
      open_account(wire::AccountKind::kCustomer, wire::account_flag::kNoDebitBalance);
    }
    expect_ok(commit());
    for (std::uint32_t i = 0; i < count; ++i) add_transfer(1, i + 2, 1'000'000);
    expect_ok(commit());
  }

  void open_account(wire::AccountKind kind, std::uint32_t flags) {
    wire::OpenAccount account;
    account.owner = kOperator;
    account.asset = kAsset;
    account.kind = kind;
    account.flags = flags;
    add(wire::CommandKind::kOpenAccount, kOperator, account);
  }

  void add_transfer(std::uint32_t debit_index, std::uint32_t credit_index, std::int64_t minor,
                    std::uint16_t flags = 0) {
    wire::Transfer transfer;
    transfer.debit = state().number_of(base::AccountIndex{debit_index});
    transfer.credit = state().number_of(base::AccountIndex{credit_index});
    transfer.amount_minor = minor;
    transfer.asset = kAsset;
    transfer.flags = flags;
    add(wire::CommandKind::kTransfer, kOperator, transfer);
  }

  /// Entries that move money about, some of it refused; `salt` makes them differ.
  void trade(std::uint32_t entries, std::uint32_t accounts, std::uint64_t salt) {
    std::uint64_t x = salt * 0x9E3779B97F4A7C15ULL + 1;
    for (std::uint32_t i = 0; i < entries; ++i) {
      for (int j = 0; j < 20; ++j) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        const auto debit = static_cast<std::uint32_t>(x >> 33) % accounts + 2;
        const auto credit = static_cast<std::uint32_t>(x >> 13) % accounts + 2;
        const std::uint16_t flags = j % 5 == 0 ? wire::transfer_flag::kHold : 0;
        add_transfer(debit, credit, static_cast<std::int64_t>(x >> 44) % 700'000, flags);
      }
      commit();
    }
  }

  void register_peer() {
    const crypto::PublicKey& key = peer_key_.public_key();
    wire::RegisterPeer peer;
    peer.peer = kPeer;
    peer.code = text<16>("hongkong");
    peer.key.key_id = key.id();
    peer.key.valid_to = Timestamp{INT64_MAX};
    peer.key.suite = static_cast<std::uint8_t>(key.suite());
    peer.key.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
    std::copy(key.to_der().begin(), key.to_der().end(), peer.key.der.begin());
    add(wire::CommandKind::kRegisterPeer, kOperator, peer);
    expect_ok(commit());
  }

  /// An envelope of the peer without messages, signed with its key.
  base::Bytes envelope_of_peer() const {
    wire::PayloadHead head;
    head.from = kPeer;
    head.to = kSelf;
    head.first_seqno = base::ChannelSeqno{1};
    return wire::encode_envelope(crypto::seal(peer_key_, wire::encode_payload(head, {})));
  }

  /// Writes a checkpoint of the state as it is.
  void checkpoint() {
    const auto put = journal_.put_checkpoint(make_checkpoint(machine_, journal_.last_checksum()));
    HG_CHECK(put.has_value());
  }

 private:
  static void expect_ok(const std::vector<wire::Outcome>& outcomes) {
    for (const wire::Outcome& outcome : outcomes) HG_CHECK(outcome.code == machine::Code::kOk);
  }

  Journal& journal_;
  machine::Machine machine_;
  crypto::PrivateKey peer_key_;
  wire::BatchBuilder batch_;
  machine::Effects effects_;
  std::uint64_t last_id_ = 0;
};

}  // namespace hugang::ledger::test
