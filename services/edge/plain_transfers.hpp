// Requests of transfers in the form in which every client writes them, taken straight from their
// bytes to records: no messages in between, one copy.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <optional>

#include "services/edge/command.hpp"

namespace hugang::edge {

// Each gives exactly what parsing the message and converting it gives (convert_transfer.hpp), or
// nothing: where the bytes hold an unknown field, a field twice, or a value that is refused. Then
// take the general way, which also says what is wrong.

/// Of a SubmitRequest.
[[nodiscard]] std::optional<Command> read_plain_submit(const grpc::ByteBuffer& bytes);

/// Of a SubmitBatchRequest, typed or packed.
[[nodiscard]] std::optional<Command> read_plain_batch(const grpc::ByteBuffer& bytes);

struct PlainStreamRequest {
  std::uint64_t tag = 0;
  Command command;
};
/// Of a SubmitStreamRequest.
[[nodiscard]] std::optional<PlainStreamRequest> read_plain_stream_request(
    const grpc::ByteBuffer& bytes);

}  // namespace hugang::edge
