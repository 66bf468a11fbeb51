// A network that loses, repeats, reorders, delays, corrupts and parts. On ordered streams a loss
// ends the connection, as TCP does; datagrams are each on their own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "services/peer/sender.hpp"
#include "tests/simulation/engine/faults.hpp"
#include "tests/simulation/engine/random.hpp"
#include "tests/simulation/engine/scheduler.hpp"
#include "tests/simulation/engine/trace.hpp"

namespace hugang::simulation {

enum class PacketKind : std::uint8_t {
  kOpen,      ///< the dialling side begins a connection
  kEnvelope,  ///< dialler to acceptor
  kReport,    ///< acceptor to dialler
  kClosed,    ///< the connection is gone
};

struct Packet {
  PacketKind kind = PacketKind::kOpen;
  std::uint64_t connection = 0;
  bool is_for_dialler = false;  ///< which of the two links between the nodes it belongs to
  base::Bytes envelope{};
  peer::Report report{};
};

class Network {
 public:
  using Deliver = std::function<void(base::NodeId from, base::NodeId to, const Packet& packet)>;

  Network(Scheduler& scheduler, Random& random, Trace& trace, const Faults& faults, Deliver deliver)
      : scheduler_{scheduler},
        random_{random},
        trace_{trace},
        faults_{faults},
        deliver_{std::move(deliver)} {}

  void send(base::NodeId from, base::NodeId to, Packet packet) {
    if (broken_.contains(packet.connection)) return;
    if (is_parted(from, to) || random_.chance(faults_.lose)) {
      trace_.note(from, "cannot get a packet through to node {a}, connection {b}", to.value(),
                  packet.connection);
      if (faults_.transport == peer::Transport::kOrderedStream) break_connection(from, to, packet);
      return;
    }
    if (packet.kind == PacketKind::kEnvelope && random_.chance(faults_.corrupt)) {
      const auto at = static_cast<std::size_t>(random_.below(packet.envelope.size()));
      packet.envelope[at] ^= static_cast<std::byte>(1U << random_.below(8));
    }
    if (faults_.transport == peer::Transport::kDatagrams && random_.chance(faults_.repeat)) {
      schedule(from, to, packet);
    }
    schedule(from, to, std::move(packet));
  }

  /// Nothing gets from one to the other until then.
  void part(base::NodeId from, base::NodeId to, VirtualTime until) { parted_[{from, to}] = until; }
  void heal() { parted_.clear(); }

 private:
  [[nodiscard]] bool is_parted(base::NodeId from, base::NodeId to) const {
    const auto found = parted_.find({from, to});
    return found != parted_.end() && scheduler_.now() < found->second;
  }

  void schedule(base::NodeId from, base::NodeId to, Packet packet) {
    VirtualTime at = scheduler_.now() + random_.between(50 * kMicrosecond, faults_.delay_max);
    if (random_.chance(faults_.dawdle)) at += random_.between(0, 8 * kSecond);
    if (faults_.transport == peer::Transport::kOrderedStream) {
      VirtualTime& last = last_delivery_[{packet.connection, from}];
      at = last = std::max(last, at);
    }
    scheduler_.after(at - scheduler_.now(), [this, from, to, packet = std::move(packet)] {
      if (broken_.contains(packet.connection) && packet.kind != PacketKind::kClosed) return;
      deliver_(from, to, packet);
    });
  }

  /// Either end may learn of it at once, late or never.
  void break_connection(base::NodeId from, base::NodeId to, const Packet& lost) {
    broken_.insert(lost.connection);
    for (const auto& [teller, told, for_dialler] :
         {std::tuple{from, to, lost.is_for_dialler}, std::tuple{to, from, !lost.is_for_dialler}}) {
      if (random_.chance(300)) continue;
      Packet closed;
      closed.kind = PacketKind::kClosed;
      closed.connection = lost.connection;
      closed.is_for_dialler = for_dialler;
      schedule(teller, told, std::move(closed));
    }
  }

  Scheduler& scheduler_;
  Random& random_;
  Trace& trace_;
  const Faults& faults_;
  Deliver deliver_;
  std::map<std::pair<base::NodeId, base::NodeId>, VirtualTime> parted_;
  std::map<std::pair<std::uint64_t, base::NodeId>, VirtualTime> last_delivery_;
  std::set<std::uint64_t> broken_;
};

}  // namespace hugang::simulation
