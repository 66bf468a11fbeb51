// A request that has become commands of one kind, ready for the command port.
#pragma once

#include <cstdint>
#include <expected>
#include <span>

#include "clearing/base/bytes.hpp"
#include "clearing/wire/records.hpp"
#include "services/edge/errors.hpp"

namespace hugang::edge {

struct Command {
  wire::CommandKind kind = wire::CommandKind::kTransfer;
  std::uint32_t count = 1;
  base::Bytes records;
};

/// The command, or the first field that is wrong.
using CommandOrFailure = std::expected<Command, Failure>;

template <wire::IsRecord Record>
[[nodiscard]] Command one_command(wire::CommandKind kind, const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  return Command{.kind = kind, .count = 1, .records = base::Bytes{bytes.begin(), bytes.end()}};
}

}  // namespace hugang::edge
