// The settlements of one ledger, all that there ever were: what each of them is, and how they are
// found by id, in the order in which they came, and in the order in which they ended.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

#include "clearing/base/boxed.hpp"
#include "clearing/base/bytes.hpp"
#include "clearing/base/check.hpp"
#include "clearing/base/inline_vector.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::machine {

using base::AccountIndex;
using base::AccountNumber;
using base::AssetId;
using base::ChannelSeqno;
using base::CommandId;
using base::NodeId;
using base::ParticipantId;
using base::Seqno;
using base::Timestamp;
using wire::SettlementStatus;

/// 48 bytes.
struct SettlementLeg {
  static constexpr std::uint8_t kNoLeg = 0xFF;

  AccountIndex customer;  ///< this node's side; none while a responder has not resolved it
  AccountIndex corridor;
  AccountNumber other_account;  ///< the account at the other node
  AssetId asset;
  bool pays = false;  ///< this node's customer is debited
  bool is_affirmed = false;
  bool needs_affirmation = false;
  /// Returns only: which leg of the original this one gives back. All legs of a settlement have
  /// one, or none has.
  std::uint8_t returns_leg = kNoLeg;
  std::int64_t amount_minor = 0;
  std::int64_t returned_minor = 0;   ///< given back by settled returns
  std::int64_t returning_minor = 0;  ///< given back by returns under way
};
static_assert(sizeof(SettlementLeg) == 48);

/// What most settlements do not have.
struct SettlementExtra {
  CommandId original_id;  ///< returns only
  wire::FixedText<4> recall_reason;
  Timestamp affirmed_at;  ///< responder: the last affirmation; none where none was needed
  Timestamp recalled_at;  ///< when this ledger recorded the recall
  Timestamp recall_answered_at;
  base::Bytes details;
  friend bool operator==(const SettlementExtra&, const SettlementExtra&) = default;
};

/// One cross-border settlement, on either side. Kept after its end: returns, retries and the
/// tracker refer to it. 192 bytes: three cache lines.
struct Settlement {
  CommandId id;
  NodeId peer;
  ParticipantId submitter;  ///< initiator only
  Timestamp decide_by;
  Timestamp value_date;
  Timestamp received_at;  ///< when this ledger recorded the instruction
  Timestamp decided_at;   ///< by the responder's clock
  Timestamp closed_at;    ///< when this ledger reached the end
  Seqno received_seqno;   ///< entry of this ledger that recorded the instruction
  Seqno closed_seqno;
  ChannelSeqno instruct_message;
  ChannelSeqno decision_message;
  base::InlineVector<SettlementLeg, 1> legs;
  base::Boxed<SettlementExtra> extra;
  wire::SettlementKind kind = wire::SettlementKind::kPayment;
  SettlementStatus status = SettlementStatus::kSent;
  Code code = Code::kOk;
  Code recall_answer = Code::kOk;
  bool is_initiator = false;
  bool is_recall_requested = false;
  std::uint32_t position = 0;  ///< in the order of arrival; the table's

  [[nodiscard]] bool is_open() const {
    return status == SettlementStatus::kSent || status == SettlementStatus::kPending;
  }
};
static_assert(sizeof(Settlement) == 192);

/// References to settlements stay valid as long as the table: none is ever moved or removed. The
/// hash index serves look-ups only.
class SettlementTable {
 public:
  /// Takes it as the newest. Its id must be new.
  Settlement& add(Settlement settlement);

  /// nullptr when there is none.
  [[nodiscard]] Settlement* find(CommandId id);
  [[nodiscard]] const Settlement* find(CommandId id) const;
  [[nodiscard]] bool contains(CommandId id) const { return find(id) != nullptr; }
  /// Requires that there is one.
  [[nodiscard]] Settlement& at(CommandId id) { return checked(find(id)); }
  [[nodiscard]] const Settlement& at(CommandId id) const { return checked(find(id)); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// By arrival, from 0.
  [[nodiscard]] Settlement& operator[](std::size_t position) {
    HG_CHECK(position < size_);
    return chunks_[position / kChunk][position % kChunk];
  }
  [[nodiscard]] const Settlement& operator[](std::size_t position) const {
    HG_CHECK(position < size_);
    return chunks_[position / kChunk][position % kChunk];
  }

  /// By arrival.
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = Settlement;
    using difference_type = std::ptrdiff_t;
    using pointer = const Settlement*;
    using reference = const Settlement&;

    Iterator() = default;
    Iterator(const SettlementTable& table, std::size_t position)
        : table_{&table}, position_{position} {}
    reference operator*() const { return (*table_)[position_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      ++position_;
      return *this;
    }
    Iterator operator++(int) { return Iterator{*table_, position_++}; }
    Iterator& operator--() {
      --position_;
      return *this;
    }
    Iterator operator--(int) { return Iterator{*table_, position_--}; }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.position_ == b.position_;
    }

   private:
    const SettlementTable* table_ = nullptr;
    std::size_t position_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size_}; }

  /// It has come to its end, after all that ended before.
  void note_end(const Settlement& settlement) { ends_.push_back(settlement.position); }
  /// Positions of those that have ended, by closed_seqno.
  [[nodiscard]] const std::vector<std::uint32_t>& ends() const { return ends_; }
  /// Finds out who has ended from the settlements themselves, after they were read from a snapshot.
  /// Those that one deadline ended together may come in another order than they did.
  void rebuild_ends();

 private:
  static constexpr std::size_t kChunk = 4'096;
  static constexpr std::size_t kShards = 256;

  /// Places of an open-addressing table: position + 1 in the low half, bits of the hash in the
  /// high one; 0 is free. Many small tables, so that growing one is no pause.
  struct Shard {
    std::vector<std::uint64_t> slots;
    std::size_t used = 0;
  };

  static Settlement& checked(Settlement* settlement) {
    HG_CHECK(settlement != nullptr);
    return *settlement;
  }
  static const Settlement& checked(const Settlement* settlement) {
    HG_CHECK(settlement != nullptr);
    return *settlement;
  }
  void put_into_index(std::uint64_t hash, std::uint32_t position);
  static void place(std::vector<std::uint64_t>& slots, std::uint64_t slot);

  std::vector<std::vector<Settlement>> chunks_;  ///< each but the last is full
  std::size_t size_ = 0;
  std::array<Shard, kShards> shards_;
  std::vector<std::uint32_t> ends_;
};

}  // namespace hugang::machine
