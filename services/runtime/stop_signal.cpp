#include "services/runtime/stop_signal.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "clearing/base/check.hpp"

namespace hugang::runtime {
namespace {

/// Signals belong to the process, and so does this.
struct Signals {
  std::mutex mutex;
  std::condition_variable came;
  bool is_graceful = false;
  int first = 0;
};

Signals& signals() {
  // Never destroyed: the thread below outlives main.
  static auto* const instance = new Signals;
  return *instance;
}

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void watch() {
  pthread_setname_np(pthread_self(), "hg-signals");
  const sigset_t set = stop_set();
  for (;;) {
    int number = 0;
    if (sigwait(&set, &number) != 0) continue;
    const std::lock_guard lock{signals().mutex};
    if (signals().first != 0) {
      spdlog::warn("stopped at once by a second signal; the next start recovers from the journal");
      std::_Exit(128 + number);
    }
    if (!signals().is_graceful) {
      spdlog::info("stopped before the node was up");
      std::_Exit(0);
    }
    signals().first = number;
    signals().came.notify_all();
  }
}

}  // namespace

void take_stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = stop_set();
  HG_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
  std::thread{watch}.detach();
}

void expect_graceful_stop() {
  const std::lock_guard lock{signals().mutex};
  signals().is_graceful = true;
}

void wait_for_stop_signal() {
  std::unique_lock lock{signals().mutex};
  signals().came.wait(lock, [] { return signals().first != 0; });
}

}  // namespace hugang::runtime
