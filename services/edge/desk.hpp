// What every call at the edge uses: the node's ports, who is registered, who waits, and which calls
// are open.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "services/edge/command.hpp"
#include "services/edge/directory.hpp"
#include "services/edge/durable_waits.hpp"
#include "services/edge/server.hpp"
#include "services/edge/settlement_watches.hpp"
#include "services/node/ports.hpp"

namespace hugang::edge {

struct Counts {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> transfers{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> overloaded{0};
  std::atomic<std::uint32_t> in_flight{0};
};

/// The calls of this edge that are not done, so that a stop can finish them. Thread-safe.
class OpenCalls {
 public:
  using Id = std::uint64_t;

  /// A call begins. Ask is_stopping() after it: a call that sees false is waited for.
  void begin() { open_.fetch_add(1); }
  /// The call is done; its memory is going away.
  void end();

  /// Streams end when they are told to: `stop` is called once, from stop()'s thread.
  /// After stop() it is not called: the stream asks is_stopping() itself.
  Id add_stream(std::function<void()> stop);
  /// After this returns `stop` neither runs nor will.
  void remove_stream(Id id);

  [[nodiscard]] bool is_stopping() const { return is_stopping_; }
  /// No call is admitted from now on.
  void close() { is_stopping_ = true; }
  /// After close(): tells all streams, then waits until the last call is done or `until` has come.
  void stop(std::chrono::steady_clock::time_point until);

 private:
  std::atomic<std::uint64_t> open_{0};
  std::atomic<bool> is_stopping_{false};
  std::mutex mutex_;
  std::condition_variable all_done_;
  std::recursive_mutex streams_mutex_;
  Id last_id_ = 0;
  std::map<Id, std::function<void()>> streams_;
};

/// Outlives every call. Its members are thread-safe.
struct Desk {
  Desk(const ServerOptions& options, node::CommandPort& command_port, node::ReadPort& read_port)
      : commands{command_port},
        reads{read_port},
        history{options.history},
        hooks{options.hooks},
        batches_in_flight_max{options.batches_in_flight_max},
        directory{options.node_code},
        waits{options.waits_max} {}

  node::CommandPort& commands;
  node::ReadPort& reads;
  history::HistoryPort* const history;  ///< may be nullptr
  const ServerHooks hooks;
  const std::uint32_t batches_in_flight_max;
  std::atomic<base::NodeId> self{};  ///< known after start
  Directory directory;
  DurableWaits waits;
  SettlementWatches watches;
  OpenCalls open_calls;
  Counts counts;

  /// Hands the commands over; `done` as the port says.
  void submit(Command command, base::ParticipantId caller,
              std::chrono::steady_clock::time_point give_up, node::AnswerCallback done);
};

}  // namespace hugang::edge
