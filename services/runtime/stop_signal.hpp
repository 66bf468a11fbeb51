// SIGTERM and SIGINT: the first asks for a graceful stop, the second ends the process at once,
// which is as safe as a power failure and as little polite.
#pragma once

namespace hugang::runtime {

/// Blocks both signals in the calling thread and all that it starts, and SIGPIPE for good: to be
/// called first thing in main. Until expect_graceful_stop the first signal ends the process with
/// exit code 0, because nothing has been admitted yet.
void take_stop_signals();

/// From now on the first signal only wakes wait_for_stop_signal.
void expect_graceful_stop();

/// Returns when the first signal has come.
void wait_for_stop_signal();

}  // namespace hugang::runtime
