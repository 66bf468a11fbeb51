#include "clients/library/status.hpp"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <string_view>

#include "clearing/base/check.hpp"

namespace hugang::client {
namespace {

constexpr std::string_view kDomain = "hugang";

struct Meaning {
  ErrorKind kind;
  const char* name;
};

/// gRPC promises that unknown numbers can come; those are kInternal.
Meaning meaning_of(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return {ErrorKind::kTimedOut, "CANCELLED"};
    case grpc::StatusCode::INVALID_ARGUMENT:
      return {ErrorKind::kInvalid, "INVALID_ARGUMENT"};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return {ErrorKind::kTimedOut, "DEADLINE_EXCEEDED"};
    case grpc::StatusCode::NOT_FOUND:
      return {ErrorKind::kNotFound, "NOT_FOUND"};
    case grpc::StatusCode::ALREADY_EXISTS:
      return {ErrorKind::kInvalid, "ALREADY_EXISTS"};
    case grpc::StatusCode::PERMISSION_DENIED:
      return {ErrorKind::kNotPermitted, "PERMISSION_DENIED"};
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return {ErrorKind::kOverloaded, "RESOURCE_EXHAUSTED"};
    case grpc::StatusCode::FAILED_PRECONDITION:
      return {ErrorKind::kInvalid, "FAILED_PRECONDITION"};
    case grpc::StatusCode::ABORTED:
      return {ErrorKind::kUnavailable, "ABORTED"};
    case grpc::StatusCode::OUT_OF_RANGE:
      return {ErrorKind::kInvalid, "OUT_OF_RANGE"};
    case grpc::StatusCode::UNIMPLEMENTED:
      return {ErrorKind::kInvalid, "UNIMPLEMENTED"};
    case grpc::StatusCode::UNAVAILABLE:
      return {ErrorKind::kUnavailable, "UNAVAILABLE"};
    case grpc::StatusCode::UNAUTHENTICATED:
      return {ErrorKind::kUnauthenticated, "UNAUTHENTICATED"};
    case grpc::StatusCode::OK:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
    case grpc::StatusCode::DO_NOT_USE:
      break;
  }
  return {ErrorKind::kInternal, "INTERNAL"};
}

/// What a person should do where the node said nothing itself.
std::string advice(ErrorKind kind, const std::string& message) {
  const bool is_handshake = message.find("andshake") != std::string::npos ||
                            message.find("SSL") != std::string::npos ||
                            message.find("certificate") != std::string::npos;
  switch (kind) {
    case ErrorKind::kUnavailable:
      return is_handshake
                 ? "the TLS handshake failed: check that ca, cert and key belong to this node and "
                   "that the certificate has not expired"
                 : "the node does not answer: check the address and that hugangd is running";
    case ErrorKind::kUnauthenticated:
      return "the node does not know this certificate: ask its operator to register you";
    case ErrorKind::kNotPermitted:
      return "your role does not allow this: use a profile whose certificate may do it";
    case ErrorKind::kOverloaded:
      return "the node is busy: try again in a moment, with the same id";
    case ErrorKind::kTimedOut:
      return "no answer in time: what became of the request is unknown; ask again with the same "
             "id, which never pays twice";
    case ErrorKind::kInvalid:
      return "the node cannot use this request: correct it";
    case ErrorKind::kNotFound:
      return "there is nothing of that name or number that you may see";
    case ErrorKind::kConfiguration:
    case ErrorKind::kInternal:
      break;
  }
  return "something failed that should not: keep the message for the operator";
}

}  // namespace

bool is_worth_retrying(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kTimedOut:
      return true;
    case ErrorKind::kConfiguration:
    case ErrorKind::kUnauthenticated:
    case ErrorKind::kNotPermitted:
    case ErrorKind::kOverloaded:
    case ErrorKind::kInvalid:
    case ErrorKind::kNotFound:
    case ErrorKind::kInternal:
      return false;
  }
  return false;
}

Error to_error(const grpc::Status& status) {
  HG_CHECK(!status.ok());
  const Meaning meaning = meaning_of(status.error_code());
  Error error{.kind = meaning.kind, .reason = meaning.name, .sentence = {}, .metadata = {}};

  google::rpc::Status rich;
  if (!status.error_details().empty() && rich.ParseFromString(status.error_details())) {
    for (const auto& detail : rich.details()) {
      google::rpc::ErrorInfo info;
      if (!detail.Is<google::rpc::ErrorInfo>() || !detail.UnpackTo(&info)) continue;
      if (info.domain() != kDomain || info.reason().empty()) continue;
      error.reason = info.reason();
      error.metadata.insert(info.metadata().begin(), info.metadata().end());
      // The node knows better than any general advice.
      error.sentence = rich.message().empty() ? status.error_message() : rich.message();
      break;
    }
  }
  if (error.sentence.empty()) {
    error.sentence = advice(error.kind, status.error_message());
    if (!status.error_message().empty()) error.sentence += " (" + status.error_message() + ")";
  }
  return error;
}

}  // namespace hugang::client
