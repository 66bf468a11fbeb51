// From an entry to the movements in it: outcomes, events and commands say together what changed
// which balance, and in which order.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/base/bytes.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/outcome.hpp"
#include "ledger/index/movement_buffer.hpp"
#include "ledger/index/open_items.hpp"

namespace hugang::ledger::index {

/// The parts of an entry that was made durable. The bytes need not be aligned.
struct EntryParts {
  base::Seqno seqno;
  Timestamp at;
  base::ByteSpan commands;
  base::ByteSpan outcomes;
  base::ByteSpan events;
};

/// Where the walk stands in the order of the whole ledger; kept with the index.
struct WalkPosition {
  std::int64_t order = 0;     ///< of the last movement
  std::int64_t lead_ns = 0;   ///< of the last movement: order - at
  std::int64_t lead_max = 0;  ///< the largest order - at there was
};

/// Adds the movements of entries, which come in order, to a buffer. One thread.
///
/// The order of the movements is that in which the ledger applied them. Where several share an
/// instant, each is a nanosecond further in order than the one before; and an expiry that fell due
/// inside of a linked chain, which is applied as a whole, gets the instant of the chain's last
/// movement, so that time never goes back along a history.
class EntryWalk {
 public:
  EntryWalk(OpenItems& open, WalkPosition& position) : open_{open}, position_{position} {}

  /// False when the entry says what cannot be, by this program: then the walk is over for good.
  [[nodiscard]] bool walk(const EntryParts& entry, MovementBuffer& out);

 private:
  void walk_transfers(const wire::GroupView& group, std::uint32_t first, MovementBuffer& out);
  void take_transfer(const std::byte* record, std::int64_t minor, std::int64_t at,
                     MovementBuffer& out);
  void take_second_phase(const wire::Transfer& transfer, std::int64_t minor, std::int64_t at,
                         MovementBuffer& out);
  void note_account(const wire::OpenAccount& account, std::uint64_t number);
  /// Events up to that instant, included.
  void take_events_until(std::int64_t at, MovementBuffer& out);
  void take_event(const wire::EventHead& head, base::ByteSpan body, MovementBuffer& out);
  void take_expiry(CommandId id, std::int64_t at, MovementBuffer& out);
  void take_settlement(const wire::SettlementChanged& change, std::int64_t at, MovementBuffer& out);
  void open_settlement(const wire::SettlementChanged& change, std::int64_t at);
  void read_instructions(std::uint32_t command);
  void read_instruction(base::ByteSpan record);
  void read_envelope(base::ByteSpan record);
  void move(Movement movement, std::int64_t at, MovementBuffer& out);

  OpenItems& open_;
  WalkPosition& position_;

  bool is_lost_ = false;  ///< something did not fit

  // Of the entry that is walked.
  std::vector<wire::GroupView> groups_;
  base::ByteSpan outcomes_;
  std::int64_t entry_at_ = 0;
  std::optional<wire::EventReader> events_;
  bool has_event_ = false;
  wire::EventHead event_;
  base::ByteSpan event_body_;
  /// Legs of the instructions that command `instructions_of_` carries, by id.
  std::map<CommandId, std::vector<wire::Leg>> instructions_;
  std::optional<std::uint32_t> instructions_of_;
};

/// The position of an account by its number, without a look at node and check digits.
[[nodiscard]] inline AccountIndex index_in(base::AccountNumber number) {
  return AccountIndex{
      static_cast<std::uint32_t>(number.value() % base::kAccountNumberNodeFactor / 100)};
}

}  // namespace hugang::ledger::index
