// What happened in a run: a hash over everything, by which two runs are compared, and the last
// events in a form that a person can read.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

class Trace {
 public:
  static constexpr std::size_t kKept = 80;

  explicit Trace(const Scheduler& scheduler) : scheduler_{scheduler} {}

  /// `what` is a literal; a and b mean what it says.
  void note(base::NodeId node, std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0) {
    const Event event{scheduler_.now(), node, what, a, b};
    const std::uint64_t words[] = {static_cast<std::uint64_t>(event.at), node.value(), a, b};
    hash_.update(std::as_bytes(std::span{words})).update(base::as_bytes(what));
    last_.push_back(event);
    if (last_.size() > kKept) last_.pop_front();
    ++count_;
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Of everything until now; the trace begins anew.
  [[nodiscard]] std::string take_hash() { return base::to_hex(hash_.finish().bytes).substr(0, 32); }

  /// One line an event: time, node, what, figures.
  [[nodiscard]] std::string last_events() const {
    std::string text;
    for (const Event& event : last_) {
      const auto ms = std::to_string(event.at / kMillisecond);
      text += "  " + std::string(8 - std::min<std::size_t>(8, ms.size()), ' ') + ms + " ms  node " +
              std::to_string(event.node.value()) + "  " + std::string{event.what} + "  " +
              std::to_string(event.a) + " " + std::to_string(event.b) + "\n";
    }
    return text;
  }

 private:
  struct Event {
    VirtualTime at;
    base::NodeId node;
    std::string_view what;
    std::uint64_t a;
    std::uint64_t b;
  };

  const Scheduler& scheduler_;
  crypto::Sha256 hash_;
  std::deque<Event> last_;
  std::uint64_t count_ = 0;
};

}  // namespace hugang::simulation
