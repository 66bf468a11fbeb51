// Why a request never became a command, as gRPC tells it: status code, google.rpc.Status with
// ErrorInfo in the trailer grpc-status-details-bin. One table holds code, reason and sentence.
// Refusals by the ledger are not errors: they are journaled and answered as Outcomes.
#pragma once

#include <grpcpp/support/status.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/node/ports.hpp"

namespace hugang::edge {

/// ErrorInfo.domain of everything that this edge tells.
inline constexpr std::string_view kErrorDomain = "hugang";

/// Names are told to clients (reason in the table): they never change their meaning.
enum class EdgeError : std::uint8_t {
  // The message.
  kMessageMalformed,  ///< the bytes are not the message, or a text in it is not UTF-8
  kFieldMissing,
  kFieldNotAllowed,  ///< set, although the node fills it or another field excludes it
  kIdMalformed,
  kLengthWrong,
  kTextMalformed,
  kTextTooLong,
  kNumberOutOfRange,
  kChoiceUnknown,
  kTooMany,
  kKeyMalformed,
  kKeyNotInFolder,
  // Who asks.
  kIdentityMissing,
  kIdentityMalformed,
  kIdentityForeign,
  kIdentityUnknown,
  kParticipantSuspended,
  kMethodNotPermitted,
  kMethodUnknown,
  // What is asked for.
  kNotFound,
  kPageTokenUnknown,
  // The node.
  kOverloaded,
  kTooManyWaits,
  kStarting,
  kStopping,
  kDeadlineExceeded,
  kCancelled,
  kAnswerMalformed,
  kHistoryBuilding,
  kHistoryUnavailable,
};
inline constexpr std::size_t kEdgeErrorCount = 30;

struct ErrorRow {
  EdgeError error;
  grpc::StatusCode code;
  std::string_view reason;
  std::string_view sentence;  ///< what is wrong and what to do
};

/// Always the row of that error.
[[nodiscard]] const ErrorRow& row_of(EdgeError error);

/// One occurrence: the error, the field it is about, and figures that belong to it. `got` never
/// holds what could be secret: only numbers, lengths and names of choices.
struct Failure {
  EdgeError error;
  std::vector<std::pair<std::string, std::string>> metadata;

  explicit Failure(EdgeError what) : error{what} {}
  Failure(EdgeError what, std::string_view field);
  Failure& with(std::string_view key, std::string_view value) &;
  Failure with(std::string_view key, std::string_view value) &&;
};

/// The same failure inside `parent` ("transfers[3]"): its field gets the longer name.
[[nodiscard]] Failure inside(Failure failure, std::string_view parent);

/// One sentence for a person, with the field where there is one.
[[nodiscard]] std::string sentence_of(const Failure& failure);

/// With the serialised google.rpc.Status as error details.
[[nodiscard]] grpc::Status to_status(const Failure& failure);

[[nodiscard]] EdgeError to_edge_error(node::SubmitError error);

/// What a client that met kOverloaded is told to wait; also ErrorInfo's metadata retry_after_ms.
inline constexpr std::uint32_t kRetryAfterMs = 50;

}  // namespace hugang::edge
