// Who is to be woken when settlements may have ended.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "services/node/ports.hpp"

namespace hugang::edge {

/// Thread-safe.
class SettlementWatches {
 public:
  using Id = std::uint64_t;
  /// Called on the release thread; must not block. It may take itself out.
  using Wake = std::function<void()>;

  [[nodiscard]] Id add(Wake wake);
  /// After this returns `wake` neither runs nor will, unless this was called from inside of it.
  void remove(Id id);

  /// Release thread. Wakes everybody when the entry tells of settlements that changed.
  void on_durable(const node::DurableEntry& entry);

 private:
  std::recursive_mutex mutex_;
  Id last_id_ = 0;
  std::map<Id, Wake> watches_;
};

}  // namespace hugang::edge
