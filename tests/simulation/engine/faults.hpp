// What may go wrong in a run and how often. Each seed draws its own.
#pragma once

#include <cstdint>

#include "services/peer/receiver.hpp"
#include "tests/simulation/engine/random.hpp"
#include "tests/simulation/engine/scheduler.hpp"

namespace hugang::simulation {

/// Probabilities in permille of each occasion.
struct Faults {
  peer::Transport transport = peer::Transport::kOrderedStream;
  std::uint32_t lose = 0;     ///< a packet; on an ordered stream the connection with it
  std::uint32_t repeat = 0;   ///< a packet; datagrams only
  std::uint32_t corrupt = 0;  ///< an envelope, one bit
  VirtualTime delay_max = 20 * kMillisecond;
  std::uint32_t crash = 0;                ///< of a node, each second
  std::uint32_t crash_before_append = 0;  ///< each durable write
  std::uint32_t crash_after_append = 0;   ///< each durable write: durable, nobody was told
  std::uint32_t disk_refuses = 0;         ///< each durable write: an error, nothing written
  std::uint32_t partition = 0;            ///< of one direction, each second
  std::uint32_t clock_jump = 0;           ///< of a node, each second
  std::uint32_t checkpoint = 100;         ///< each durable write
  std::uint32_t overload = 0;             ///< a submission is refused
  VirtualTime clock_skew_max = 0;

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
    faults.delay_max = random.between(1, 80) * kMillisecond;
    faults.crash = some(150);
    faults.crash_before_append = some(10);
    faults.crash_after_append = some(10);
    faults.disk_refuses = some(5);
    faults.partition = some(200);
    faults.clock_jump = some(100);
    faults.overload = some(30);
    faults.clock_skew_max = random.between(0, 800) * kMillisecond;
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
