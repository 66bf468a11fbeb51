// The state as bytes, for checkpoints and digests. Canonical: equal states give equal bytes. The
// full blocks of the id log are not in it (id_index.hpp): their number and a fold over them are, so
// that a checkpoint costs what changed and not what ever was.
#pragma once

#include <expected>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/state.hpp"

namespace hugang::machine {

enum class SnapshotError : std::uint8_t { kTruncated, kVersionUnknown, kMalformed, kTrailingBytes };

/// Appends the canonical bytes of everything but the full blocks of the id log, of which it holds
/// how many there are and a fold over their checksums.
void encode_snapshot(const State& state, base::Bytes& out);

/// The state, whose ids are then to be restored (IdIndex::restore_blocks). Never reads out of
/// bounds; what it accepts encodes to the same bytes and refers only to what it holds
/// (references.hpp). Whether the laws hold is another question.
[[nodiscard]] std::expected<State, SnapshotError> decode_snapshot(base::ByteSpan bytes);

}  // namespace hugang::machine
