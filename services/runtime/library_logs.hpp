// Brings what gRPC and Protocol Buffers would write to standard error under the process's own log.
#pragma once

namespace hugang::runtime {

/// What a stranger can provoke at will (a failed handshake, a field that is no UTF-8) is told at
/// debug level only: nobody floods the log from outside. To be called once, after set_up_logging.
void route_library_logs();

}  // namespace hugang::runtime
