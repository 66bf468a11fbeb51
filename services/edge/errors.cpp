#include "services/edge/errors.hpp"

#include <array>

#include "clearing/base/check.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace hugang::edge {
namespace {

using enum EdgeError;

constexpr std::array<ErrorRow, kEdgeErrorCount> kRows{{
    {kMessageMalformed, grpc::INVALID_ARGUMENT, "MESSAGE_MALFORMED",
     "The request is not a message of this method, or a text in it is not UTF-8: build it from the "
     "contract in proto/."},
    {kFieldMissing, grpc::INVALID_ARGUMENT, "FIELD_MISSING", "This field is needed: set it."},
    {kFieldNotAllowed, grpc::INVALID_ARGUMENT, "FIELD_NOT_ALLOWED",
     "This field may not be set here: leave it out."},
    {kIdMalformed, grpc::INVALID_ARGUMENT, "ID_MALFORMED",
     "An id is 16 bytes, the bytes of a UUID in reading order."},
    {kLengthWrong, grpc::INVALID_ARGUMENT, "LENGTH_WRONG",
     "These bytes have the wrong length: see limit."},
    {kTextMalformed, grpc::INVALID_ARGUMENT, "TEXT_MALFORMED",
     "This text holds characters that are not allowed here."},
    {kTextTooLong, grpc::INVALID_ARGUMENT, "TEXT_TOO_LONG",
     "This text is too long, counted in bytes of UTF-8: shorten it to the limit."},
    {kNumberOutOfRange, grpc::INVALID_ARGUMENT, "NUMBER_OUT_OF_RANGE",
     "This number is outside its range: see limit."},
    {kChoiceUnknown, grpc::INVALID_ARGUMENT, "CHOICE_UNKNOWN",
     "This choice is not one of the contract's: take one that is."},
    {kTooMany, grpc::INVALID_ARGUMENT, "TOO_MANY",
     "There are too many of these in one request: split it."},
    {kKeyMalformed, grpc::INVALID_ARGUMENT, "KEY_MALFORMED",
     "This is not a public key of its suite (SubjectPublicKeyInfo, DER)."},
    {kKeyNotInFolder, grpc::FAILED_PRECONDITION, "KEY_NOT_IN_FOLDER",
     "The private half of this key is not in the node's key folder: put it there first."},
    {kIdentityMissing, grpc::UNAUTHENTICATED, "IDENTITY_MISSING",
     "The certificate must name exactly one hugang:// identity: ask the operator for one that "
     "does."},
    {kIdentityMalformed, grpc::UNAUTHENTICATED, "IDENTITY_MALFORMED",
     "The certificate's identity is not hugang://<node>/<code>: ask the operator for another."},
    {kIdentityForeign, grpc::UNAUTHENTICATED, "IDENTITY_FOREIGN",
     "The certificate belongs to another node's participant: use that node, or a certificate of "
     "this one."},
    {kIdentityUnknown, grpc::UNAUTHENTICATED, "IDENTITY_UNKNOWN",
     "The certificate is good, but nobody of that code is registered: ask the operator to register "
     "it."},
    {kParticipantSuspended, grpc::PERMISSION_DENIED, "PARTICIPANT_SUSPENDED",
     "This participant is suspended: ask the operator."},
    {kMethodNotPermitted, grpc::PERMISSION_DENIED, "METHOD_NOT_PERMITTED",
     "No role of this caller allows the method."},
    {kMethodUnknown, grpc::UNIMPLEMENTED, "METHOD_UNKNOWN", "There is no such method."},
    {kNotFound, grpc::NOT_FOUND, "NOT_FOUND",
     "There is nothing under this number or id that the caller may see."},
    {kPageTokenUnknown, grpc::INVALID_ARGUMENT, "PAGE_TOKEN_UNKNOWN",
     "This token does not continue this question: send next_page_token as it came, with the same "
     "account and times."},
    {kOverloaded, grpc::RESOURCE_EXHAUSTED, "OVERLOADED",
     "The node's queue is full and nothing was done: send the same again a little later."},
    {kTooManyWaits, grpc::RESOURCE_EXHAUSTED, "TOO_MANY_WAITS",
     "Too many calls wait for results: ask without wait_ms, or later."},
    {kStarting, grpc::UNAVAILABLE, "STARTING", "The node is starting: try again."},
    {kStopping, grpc::UNAVAILABLE, "STOPPING",
     "The node is going down and nothing was done: send the same again when it is back."},
    {kDeadlineExceeded, grpc::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
     "The call's deadline came before its turn and nothing was done: send the same again with more "
     "time."},
    {kCancelled, grpc::CANCELLED, "CANCELLED", "The caller gave up waiting."},
    {kAnswerMalformed, grpc::INTERNAL, "ANSWER_MALFORMED",
     "The answer could not be written: ask the operator to look at the node's log."},
    {kHistoryBuilding, grpc::UNAVAILABLE, "HISTORY_BUILDING",
     "The node is still reading its journal for the histories of accounts: try again."},
    {kHistoryUnavailable, grpc::UNAVAILABLE, "HISTORY_UNAVAILABLE",
     "The node cannot read its past at the moment: ask the operator to look at the node's log."},
}};

consteval bool rows_are_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].error) != i) return false;
  }
  return true;
}
static_assert(rows_are_in_order());

}  // namespace

const ErrorRow& row_of(EdgeError error) {
  const auto index = static_cast<std::size_t>(error);
  HG_CHECK(index < kRows.size());
  return kRows[index];
}

Failure::Failure(EdgeError what, std::string_view field) : error{what} {
  metadata.emplace_back("field", field);
}

Failure& Failure::with(std::string_view key, std::string_view value) & {
  metadata.emplace_back(key, value);
  return *this;
}

Failure Failure::with(std::string_view key, std::string_view value) && {
  metadata.emplace_back(key, value);
  return std::move(*this);
}

Failure inside(Failure failure, std::string_view parent) {
  for (auto& [key, value] : failure.metadata) {
    if (key == "field") value = std::string{parent} + "." + value;
  }
  return failure;
}

std::string sentence_of(const Failure& failure) {
  std::string text{row_of(failure.error).sentence};
  const char* separator = " (";
  for (const auto& [key, value] : failure.metadata) {
    text.append(separator).append(key).append(": ").append(value);
    separator = ", ";
  }
  if (!failure.metadata.empty()) text += ")";
  return text;
}

grpc::Status to_status(const Failure& failure) {
  const ErrorRow& row = row_of(failure.error);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string{row.reason});
  info.set_domain(std::string{kErrorDomain});
  for (const auto& [key, value] : failure.metadata) (*info.mutable_metadata())[key] = value;

  google::rpc::Status details;
  details.set_code(row.code);
  details.set_message(sentence_of(failure));
  details.add_details()->PackFrom(info);
  return {row.code, details.message(), details.SerializeAsString()};
}

EdgeError to_edge_error(node::SubmitError error) {
  switch (error) {
    case node::SubmitError::kOverloaded:
      return kOverloaded;
    case node::SubmitError::kStopping:
      return kStopping;
    case node::SubmitError::kDeadlineExceeded:
      return kDeadlineExceeded;
  }
  HG_CHECK(false);
}

}  // namespace hugang::edge
