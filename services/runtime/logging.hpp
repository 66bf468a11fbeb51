// Sets up the process's log on standard error.
#pragma once

#include "services/runtime/config.hpp"

namespace hugang::runtime {

/// Lines as "2026-01-01T00:00:00.000Z info    text", or one JSON object each with the keys time,
/// level and message. UTC. To be called once, before threads start.
void set_up_logging(const LogSection& settings);

}  // namespace hugang::runtime
