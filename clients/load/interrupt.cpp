#include "clients/load/interrupt.hpp"

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace hugang::load {
namespace {

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = our_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Interrupt::~Interrupt() {
  const sigset_t set = our_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool Interrupt::wait(std::chrono::milliseconds longest) {
  const sigset_t set = our_signals();
  const timespec time{.tv_sec = longest.count() / 1'000,
                      .tv_nsec = longest.count() % 1'000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &time) > 0;
}

}  // namespace hugang::load
