// Why a call came to nothing, as a value: what a program can react to, the node's stable reason,
// and a sentence that tells a person what to do next. A refusal by the ledger is no Error: it is an
// Outcome.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>

namespace hugang::client {

enum class ErrorKind : std::uint8_t {
  kConfiguration,    ///< the profile or a file that it names is wrong; nothing was sent
  kUnavailable,      ///< no connection, or the node is stopping
  kUnauthenticated,  ///< the node does not know this certificate
  kNotPermitted,     ///< the role does not allow the method
  kOverloaded,       ///< the node's queue is full: the same request later is welcome
  kTimedOut,         ///< no answer in time: what became of the request is unknown
  kInvalid,          ///< the node cannot read the request: the same again fails again
  kNotFound,
  kInternal,  ///< the node or this library is at fault
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  /// google.rpc.ErrorInfo's reason where the node gave one, e.g. "METHOD_NOT_ALLOWED"; else the
  /// gRPC code's name, e.g. "UNAVAILABLE".
  std::string reason;
  std::string sentence;
  std::map<std::string, std::string> metadata;
  /// How often the request was sent.
  std::uint32_t attempts = 0;
};

template <class T>
using Result = std::expected<T, Error>;

/// True where the same request may be answered if it is sent again at once.
[[nodiscard]] bool is_worth_retrying(ErrorKind kind);

}  // namespace hugang::client
