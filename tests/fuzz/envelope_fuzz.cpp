// The envelope decoder on arbitrary bytes: reads nothing outside of them, and what it accepts is
// the one encoding of what it returns.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "clearing/base/check.hpp"
#include "clearing/wire/envelope.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hugang;
  const base::ByteSpan bytes = std::as_bytes(std::span{data, size});
  const auto view = wire::decode_envelope_view(bytes);
  const auto owned = wire::decode_envelope(bytes);
  HG_CHECK(view.has_value() == owned.has_value());
  if (!owned) {
    HG_CHECK(view.error() == owned.error());
    return 0;
  }
  HG_CHECK(wire::is_encodable(*view));
  HG_CHECK(std::ranges::equal(wire::encode_envelope(*owned), bytes));
  return 0;
}
