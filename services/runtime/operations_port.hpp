// The HTTP port for operators' tools: /healthz, /readyz, /metrics, /version. Plain HTTP without
// secrets, meant for a loopback or management address; it changes nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "services/runtime/config.hpp"

namespace hugang::runtime {

/// Empty when all is well, else one sentence.
using HealthCheck = std::function<std::string()>;

struct OperationsHooks {
  HealthCheck health;  ///< /healthz: 200, or 503 with the sentence: restart the process
  HealthCheck ready;   ///< /readyz: 200, or 503 with the sentence: send clients elsewhere
  std::function<std::string()> metrics;  ///< Prometheus text format
  std::string version_json;
};

/// One thread. At most 64 connections; a request has 10 s and 8 KiB.
class OperationsPort {
 public:
  /// Listens and serves at once. The error is a sentence: the address is taken or malformed.
  [[nodiscard]] static std::expected<std::unique_ptr<OperationsPort>, std::string> open(
      const Address& listen, OperationsHooks hooks);
  /// Closes all connections and ends the thread.
  ~OperationsPort();

  /// The port that is listened on.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit OperationsPort(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hugang::runtime
