// What happened in a run: a hash over everything, by which two runs are compared, and the last
// events of each node in a form that a person can read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

class Trace {
 public:
  static constexpr std::size_t kKeptPerNode = 30;

  explicit Trace(const Scheduler& scheduler) : scheduler_{scheduler} {}

  /// `what` and `name` are literals; in `what`, {a}, {b} and {n} stand for a, b and name. Node 0 is
  /// the world.
  void note(base::NodeId node, std::string_view what, std::uint64_t a = 0, std::uint64_t b = 0,
            std::string_view name = {}) {
    const Event event{count_++, scheduler_.now(), node, what, name, a, b};
    const std::uint64_t words[] = {static_cast<std::uint64_t>(event.at), node.value(), a, b};
    hash_.update(std::as_bytes(std::span{words})).update(base::as_bytes(what));
    auto& last = last_[node];
    last.push_back(event);
    if (last.size() > kKeptPerNode) last.pop_front();
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Of everything until now; the trace begins anew.
  [[nodiscard]] std::string take_hash() { return base::to_hex(hash_.finish().bytes).substr(0, 32); }

  /// The last events of each node, in order of time, a line each.
  [[nodiscard]] std::string last_events() const {
    std::vector<Event> events;
    for (const auto& [node, last] : last_) events.insert(events.end(), last.begin(), last.end());
    std::ranges::sort(events, {}, &Event::number);
    std::string text;
    for (const Event& event : events) text += line_of(event);
    return text;
  }

 private:
  struct Event {
    std::uint64_t number;
    VirtualTime at;
    base::NodeId node;
    std::string_view what;
    std::string_view name;
    std::uint64_t a;
    std::uint64_t b;
  };

  static void replace(std::string& text, std::string_view mark, std::string_view value) {
    const auto found = text.find(mark);
    if (found != std::string::npos) text.replace(found, mark.size(), value);
  }

  static std::string line_of(const Event& event) {
    std::string ms = std::to_string(event.at / kMicrosecond);
    if (ms.size() < 4) ms.insert(0, 4 - ms.size(), '0');
    ms.insert(ms.size() - 3, ".");
    std::string what{event.what};
    replace(what, "{a}", std::to_string(event.a));
    replace(what, "{b}", std::to_string(event.b));
    replace(what, "{n}", event.name);
    const std::string who =
        event.node.is_none() ? "world " : "node " + std::to_string(event.node.value());
    return std::string(14 - std::min<std::size_t>(14, ms.size()), ' ') + ms + " ms  " + who + "  " +
           what + "\n";
  }

  const Scheduler& scheduler_;
  crypto::Sha256 hash_;
  std::map<base::NodeId, std::deque<Event>> last_;
  std::uint64_t count_ = 0;
};

}  // namespace hugang::simulation
