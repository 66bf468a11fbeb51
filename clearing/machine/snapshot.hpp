// The state as bytes, for checkpoints and digests. Canonical: equal states give equal bytes. The
// id table is not in it: it is kept as a log of lines (state.hpp, IdLogLine) whose count and fold
// are, so that a checkpoint costs what changed and not what ever was.
#pragma once

#include <expected>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"

namespace hugang::machine {

enum class SnapshotError : std::uint8_t { kTruncated, kVersionUnknown, kMalformed, kTrailingBytes };

/// Appends the canonical bytes of everything but `ids` and `new_id_lines`.
void encode_snapshot(const State& state, base::Bytes& out);

/// The state without its id table. Never reads out of bounds; what it accepts encodes to the same
/// bytes and refers only to what it holds (references.hpp). Whether the laws hold is another
/// question.
[[nodiscard]] std::expected<State, SnapshotError> decode_snapshot(base::ByteSpan bytes);

/// Puts id lines back, in the order in which they were taken. After the last call the count and
/// fold must equal the snapshot's: restore_ids_complete says so.
void restore_id_lines(State& state, std::span<const IdLogLine> lines, std::uint64_t& count,
                      u128& fold);
[[nodiscard]] bool restore_ids_complete(const State& state, std::uint64_t count, u128 fold);

/// One step of the fold over id lines (xxHash mix; not cryptographic: the journal is what is
/// signed).
[[nodiscard]] u128 fold_id_line(u128 fold, const IdLogLine& line);

}  // namespace hugang::machine
