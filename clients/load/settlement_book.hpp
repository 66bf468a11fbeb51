// Batches of cross-border payments from the instruction to the last end: which batch a settlement
// belongs to, and how many of each are still under way.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "clearing/base/strong_id.hpp"
#include "clients/load/collector.hpp"
#include "clients/load/transfer_maker.hpp"

namespace hugang::load {

class StreamLane;

/// A batch that is over.
struct SettledBatch {
  StreamLane* lane = nullptr;
  Moments moments;
  Answer answer;
};

/// One thread's, whose ids are in order and all for batches of `batch_size`.
class SettlementBook {
 public:
  SettlementBook(IdMaker::Place place, std::uint32_t batch_size);

  /// A batch of the next ids is about to be sent. Answers its number, for held() and lost().
  std::uint64_t begin(StreamLane& lane, Moments moments);
  /// The node holds `held.accepted` of it; others it refused, and they are over. The batch, if it
  /// is over with that.
  std::optional<SettledBatch> held(std::uint64_t number, const Answer& held);
  /// A settlement ended: settled, or refused with that name. The batch, if it is over with that.
  /// Settlements of others are passed over.
  std::optional<SettledBatch> ended(base::CommandId id, const std::string* refused);
  /// It will not be answered: what becomes of its settlements does not count any more.
  void lost(std::uint64_t number);

 private:
  struct Entry {
    SettledBatch batch;
    std::uint64_t open;
    bool is_held = false;
    bool is_over = false;
  };
  Entry* find(std::uint64_t number);
  std::optional<SettledBatch> close_if_over(Entry& entry);

  IdMaker::Place place_;
  std::uint32_t batch_size_;
  std::uint64_t first_ = 0;  ///< number of entries_.front()
  std::deque<Entry> entries_;
};

}  // namespace hugang::load
