#include "services/runtime/library_logs.hpp"

#include <absl/synchronization/mutex.h>
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

#include <string>

namespace hugang::runtime {
namespace {

void log_grpc(gpr_log_func_args* args) { spdlog::debug("grpc: {}", args->message); }

void log_protobuf(google::protobuf::LogLevel level, const char* /*file*/, int /*line*/,
                  const std::string& message) {
  if (level == google::protobuf::LOGLEVEL_FATAL) {
    spdlog::error("protobuf: {}", message);
  } else {
    spdlog::debug("protobuf: {}", message);
  }
}

}  // namespace

void quiet_library_checks() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

void route_library_logs() {
  gpr_set_log_function(log_grpc);
  google::protobuf::SetLogHandler(log_protobuf);
}

}  // namespace hugang::runtime
