// The libraries' own habits: what gRPC and Protocol Buffers would write to standard error comes
// under the process's log, and what they check of themselves is left out.
#pragma once

namespace hugang::runtime {

/// What a stranger can provoke at will (a failed handshake, a field that is no UTF-8) is told at
/// debug level only: nobody floods the log from outside. To be called once, after set_up_logging.
void route_library_logs();

/// Debian builds Abseil with its search for lock cycles, which every lock in gRPC then pays for. To
/// be called once, before the first channel or server.
void quiet_library_checks();

}  // namespace hugang::runtime
