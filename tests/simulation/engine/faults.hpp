// What may go wrong in a run and how often. Each seed draws its own, and leaves some out, so that
// rare kinds are not always drowned by common ones.
#pragma once

#include <cstdint>

#include "services/peer/receiver.hpp"
#include "tests/simulation/engine/random.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

/// Probabilities in permille of each occasion, unless said otherwise.
struct Faults {
  peer::Transport transport = peer::Transport::kOrderedStream;

  // The network, for each packet.
  std::uint32_t lose = 0;     ///< on an ordered stream the connection with it
  std::uint32_t repeat = 0;   ///< datagrams only
  std::uint32_t corrupt = 0;  ///< an envelope, one bit
  std::uint32_t dawdle = 0;   ///< delayed by up to 8 s
  VirtualTime delay_max = 20 * kMillisecond;
  std::uint32_t partition = 0;  ///< each second, between each two nodes: one way or both

  // The process.
  std::uint32_t crash = 0;           ///< each second
  std::uint32_t crash_at_event = 0;  ///< before any event of any node, per 100,000
  std::uint32_t crash_at_port = 0;   ///< whenever a node touches disk, peer or client
  std::uint32_t pause = 0;           ///< each second: nothing of it runs for up to 4 s
  std::uint32_t reconfigure = 0;     ///< each start: with other settings

  // The disk.
  std::uint32_t write_fails = 0;       ///< each write: an error, nothing written
  std::uint32_t dies_before_sync = 0;  ///< each write: all of it may survive, or nothing
  std::uint32_t dies_after_sync = 0;   ///< each write: durable, nobody was told
  std::uint32_t disk_full = 0;         ///< each second: writes fail for up to 10 s
  std::uint32_t rot = 0;               ///< each start: something stored was damaged meanwhile

  // The clock.
  VirtualTime clock_skew_max = 0;
  VirtualTime clock_jump_max = 0;
  std::uint32_t clock_jump = 0;      ///< each second
  std::int64_t clock_drift_max = 0;  ///< gain or loss in permille

  std::uint32_t overload = 0;  ///< each submission: refused as by a full queue

  [[nodiscard]] static Faults draw(Random& random) {
    const auto some = [&](std::uint32_t most) {
      return random.chance(600) ? static_cast<std::uint32_t>(random.below(most + 1)) : 0U;
    };
    Faults faults;
    faults.transport =
        random.chance(500) ? peer::Transport::kOrderedStream : peer::Transport::kDatagrams;
    faults.lose = some(60);
    faults.repeat = some(100);
    faults.corrupt = some(10);
    faults.dawdle = some(10);
    faults.delay_max = random.between(1, 80) * kMillisecond;
    faults.partition = some(200);
    faults.crash = some(120);
    faults.crash_at_event = some(60);
    faults.crash_at_port = some(5);
    faults.pause = some(60);
    faults.reconfigure = some(500);
    faults.write_fails = some(5);
    faults.dies_before_sync = some(10);
    faults.dies_after_sync = some(10);
    faults.disk_full = some(20);
    faults.rot = some(150);
    faults.clock_skew_max = random.between(0, 800) * kMillisecond;
    faults.clock_jump = some(100);
    // Mostly what a careless hand does, seldom what a wrong time server does.
    faults.clock_jump_max = random.chance(100) ? 3'600 * kSecond : random.between(1, 60) * kSecond;
    faults.clock_drift_max = some(100);
    faults.overload = some(30);
    return faults;
  }

  /// After the faults stop: a slow but honest world.
  [[nodiscard]] Faults calmed() const {
    Faults calm;
    calm.transport = transport;
    calm.delay_max = delay_max;
    return calm;
  }
};

}  // namespace hugang::simulation
