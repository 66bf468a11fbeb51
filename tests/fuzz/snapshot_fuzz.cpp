// The snapshot decoder on arbitrary bytes, and on a true snapshot with the input written over a
// part of it: what is accepted encodes to the same bytes, and the laws may be asked of it.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "clearing/base/check.hpp"
#include "clearing/machine/invariants.hpp"
#include "tests/fuzz/founded_ledger.hpp"

namespace {

using namespace hugang;

void check(base::ByteSpan bytes) {
  const auto state = machine::decode_snapshot(bytes);
  if (!state) return;
  HG_CHECK(std::ranges::equal(fuzz::snapshot_of(*state), bytes));
  (void)machine::first_broken_law(*state);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const base::Bytes whole = fuzz::snapshot_of(fuzz::founded_machine().state());
  check(std::as_bytes(std::span{data, size}));
  if (size < 3) return 0;
  base::Bytes changed = whole;
  const std::size_t at = (data[0] | static_cast<std::size_t>(data[1]) << 8) % changed.size();
  const std::size_t length = std::min(size - 2, changed.size() - at);
  std::memcpy(changed.data() + at, data + 2, length);
  check(changed);
  return 0;
}
