// Ids of commands and settlements as the contract carries them: 16 bytes, big-endian.
#pragma once

#include <hugang/v1/types.pb.h>

#include <optional>

#include "clearing/base/strong_id.hpp"

namespace hugang::client {

/// A random UUID (version 4, RFC 9562) from the system's source of randomness. Any thread.
[[nodiscard]] base::CommandId new_id();

[[nodiscard]] v1::Id to_proto(base::CommandId id);
/// Nothing unless there are exactly 16 bytes.
[[nodiscard]] std::optional<base::CommandId> from_proto(const v1::Id& id);

}  // namespace hugang::client
