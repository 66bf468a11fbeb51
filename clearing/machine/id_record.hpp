// What is remembered of every command for ever, so that a retry is answered as the first time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::machine {

struct IdRecord {
  std::uint64_t fingerprint = 0;  ///< of the record's bytes and the caller
  base::Timestamp at;
  std::uint64_t value = 0;
  Code code = Code::kOk;
  wire::CommandKind kind = wire::CommandKind::kTransfer;
  /// Transfers that were holds: how the hold ended. Code::kOk while open or not a hold.
  Code hold_end = Code::kOk;
  std::uint16_t reserved = 0;
};
static_assert(sizeof(IdRecord) == 32);

/// One line of the id log: an id was added, or the end of its hold was noted. 48 bytes; the last
/// line of an id counts.
struct IdLogLine {
  base::CommandId id;
  IdRecord record;
};
static_assert(sizeof(IdLogLine) == 48);

/// Lines are checked, handed over and looked up in blocks of this many: large enough that a block's
/// own cost is not seen, small enough that a simulated day fills many.
inline constexpr std::size_t kIdBlockLines = 32;

/// A full block. Its lines never change.
struct IdBlock {
  std::vector<IdLogLine> lines;
  std::uint64_t checksum = 0;  ///< XXH3 of the lines' bytes
};

}  // namespace hugang::machine
