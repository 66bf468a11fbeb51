// HG_CHECK: an assertion that stays on in release. It is for our own mistakes only; what comes from
// outside is answered with a value (std::expected), never with a check.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace hugang::base {

/// Prints the failed claim and stops the process. The journal is the memory: a process that stops
/// here recovers to the last durable entry, which is safer than to go on with a broken state.
[[noreturn]] inline void check_failed(const char* claim, const char* file, int line) {
  std::fprintf(stderr, "hugang: internal check failed: %s (%s:%d)\n", claim, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace hugang::base

#define HG_CHECK(claim)                          \
  (__builtin_expect(static_cast<bool>(claim), 1) \
       ? static_cast<void>(0)                    \
       : ::hugang::base::check_failed(#claim, __FILE__, __LINE__))
