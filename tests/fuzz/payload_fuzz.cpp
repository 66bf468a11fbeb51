// The payload decoder on arbitrary bytes: reads nothing outside of them, and what it accepts is the
// one encoding of what it returns.
#include <algorithm>
#include <cstdint>
#include <span>

#include "clearing/base/check.hpp"
#include "clearing/wire/message.hpp"

namespace {

using namespace hugang;

void check(base::ByteSpan bytes) {
  const auto view = wire::decode_payload(bytes);
  if (!view) return;
  HG_CHECK(view->messages.size() == view->head.message_count);
  std::vector<base::ByteSpan> whole;
  for (const auto& message : view->messages) {
    HG_CHECK(message.body.size() == message.head.bytes);
    HG_CHECK(
        std::ranges::equal(wire::encode_message(message.head.kind, message.body), message.whole));
    whole.push_back(message.whole);
  }
  HG_CHECK(std::ranges::equal(wire::encode_payload(view->head, whole), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = std::as_bytes(std::span{data, size});
  check(bytes);
  if (size < sizeof(wire::MessageHead)) return 0;
  // The same bytes as the messages of a payload whose head says so, with each count that fits.
  for (std::uint32_t count = 0; count <= 4; ++count) {
    base::Bytes payload = wire::encode_payload({}, std::vector<base::ByteSpan>{bytes});
    auto head = wire::PayloadHead{};
    head.message_count = count;
    head.messages_bytes = static_cast<std::uint32_t>(size);
    __builtin_memcpy(payload.data(), &head, sizeof(head));
    check(payload);
  }
  return 0;
}
