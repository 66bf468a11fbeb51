// Calls that wait for something to become durable: the end of a settlement or of a reconciliation.
// No polling: an event ends the wait, or its time, or the stop of the server.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "services/node/ports.hpp"

namespace hugang::edge {

/// Thread-safe.
class DurableWaits {
 public:
  using Clock = std::chrono::steady_clock;
  using Ticket = std::uint64_t;
  /// Called at most once, from the release thread, the timer's, or stop()'s; must not block.
  using Done = std::move_only_function<void()>;

  explicit DurableWaits(std::uint32_t waits_max) : waits_max_{waits_max} {}
  ~DurableWaits();

  /// `done` is called when the settlement or reconciliation of that id comes to its end, when
  /// `until` has come, or when the server stops; never before this returns, unless the server has
  /// stopped. Register first and read the state then: so no end is missed.
  /// Nothing when there are too many waits.
  [[nodiscard]] std::optional<Ticket> add(base::CommandId id, Clock::time_point until, Done done);

  /// Drops a wait that is not needed any more; harmless when it is gone.
  void remove(Ticket ticket);

  /// Release thread.
  void on_durable(const node::DurableEntry& entry);

  /// Ends all waits, and those to come at once.
  void stop();

  [[nodiscard]] std::uint32_t count() const;

 private:
  struct Wait {
    base::CommandId id;
    Clock::time_point until;
    Done done;
  };
  using Key = std::pair<base::CommandId, Ticket>;

  /// Takes the wait out. Requires the lock; nothing when it is gone.
  std::optional<Done> take(Ticket ticket);
  void collect(base::CommandId id, std::vector<Done>& ended);
  void run_timer();

  const std::uint32_t waits_max_;
  mutable std::mutex mutex_;
  std::condition_variable earlier_;
  bool is_stopped_ = false;
  Ticket last_ticket_ = 0;
  std::map<Ticket, Wait> waits_;
  std::map<Key, Ticket> by_id_;
  std::multimap<Clock::time_point, Ticket> by_time_;
  std::thread timer_;  ///< begins with the first wait
};

}  // namespace hugang::edge
