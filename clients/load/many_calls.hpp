// The same kind of unary call thousands of times, many under way at once, on one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "clients/library/profile.hpp"
#include "clients/load/call.hpp"
#include "clients/load/exit_code.hpp"

namespace hugang::load {

struct ManyCalls {
  const std::string& method;
  std::uint64_t count = 0;
  std::uint32_t in_flight = 256;
  /// The message of call i. Called again, and must give the same, where it is sent again.
  std::function<grpc::ByteBuffer(std::uint64_t i)> message;
  /// The answer to call i; an error ends everything.
  std::function<std::expected<void, Failure>(std::uint64_t i, grpc::ByteBuffer& answer)> answer;
};

/// Makes all calls; those that the node had no room or no connection for are sent again. Answers
/// how many were answered, in order from the first: fewer than `count` only when stopped.
[[nodiscard]] std::expected<std::uint64_t, Failure> make_calls(
    const std::shared_ptr<grpc::Channel>& channel, const ManyCalls& calls,
    const std::atomic<bool>& is_stopped);

/// What a refused call means for the whole program.
[[nodiscard]] Failure to_failure(const client::Error& error);

}  // namespace hugang::load
