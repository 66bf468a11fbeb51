// The frame of a commands section and its variable-length records on arbitrary bytes: what is
// accepted is the one encoding of what is returned.
#include <algorithm>
#include <cstdint>
#include <span>

#include "clearing/base/check.hpp"
#include "clearing/wire/batch.hpp"

namespace {

using namespace hugang;

void check_records(base::ByteSpan bytes) {
  if (const auto view = wire::decode_instruct(bytes)) {
    HG_CHECK(
        std::ranges::equal(wire::encode_instruct(view->head, view->legs, view->details), bytes));
  }
  if (const auto view = wire::decode_peer_envelope(bytes)) {
    HG_CHECK(
        std::ranges::equal(wire::encode_peer_envelope(view->head.peer, view->envelope), bytes));
  }
  if (const auto view = wire::decode_set_rules(bytes)) {
    HG_CHECK(std::ranges::equal(wire::encode_set_rules(view->head, view->rules), bytes));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = std::as_bytes(std::span{data, size});
  check_records(bytes);
  const auto groups = wire::read_batch(bytes);
  if (!groups) return 0;
  wire::BatchBuilder builder;
  for (const auto& group : *groups) {
    builder.add_group(group.kind, group.caller, group.count, group.records);
    for (std::uint32_t i = 0; i < group.count; ++i) {
      HG_CHECK(group.record(i).size() >= sizeof(wire::CommandId));
      check_records(group.record(i));
    }
  }
  HG_CHECK(std::ranges::equal(builder.section(), bytes));
  return 0;
}
