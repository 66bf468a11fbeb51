// Ctrl-C as a question that is asked, not a thing that happens in the middle.
#pragma once

#include <chrono>

namespace hugang::load {

/// While it lives, SIGINT and SIGTERM wait until they are asked for. Must be made before the
/// threads that are to leave them alone; one at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Waits for one of the signals, at most that long. True when it came.
  [[nodiscard]] bool wait(std::chrono::milliseconds longest);
};

}  // namespace hugang::load
