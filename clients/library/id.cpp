#include "clients/library/id.hpp"

#include <random>
#include <string>

namespace hugang::client {

base::CommandId new_id() {
  // libstdc++'s random_device reads the processor's or the kernel's generator: no seed to guess.
  std::random_device device;
  base::u128 value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 32) | device();
  // RFC 9562, 5.4: version 4 in bits 48..51, variant 10 in bits 64..65, counted from the left.
  value &= ~(base::u128{0xF} << 76);
  value |= base::u128{4} << 76;
  value &= ~(base::u128{3} << 62);
  value |= base::u128{2} << 62;
  return base::CommandId{value};
}

v1::Id to_proto(base::CommandId id) {
  std::string bytes(16, '\0');
  base::u128 value = id.value();
  for (std::size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(value & 0xFF));
    value >>= 8;
  }
  v1::Id message;
  message.set_value(std::move(bytes));
  return message;
}

std::optional<base::CommandId> from_proto(const v1::Id& id) {
  if (id.value().size() != 16) return std::nullopt;
  base::u128 value = 0;
  for (const char c : id.value()) value = (value << 8) | static_cast<unsigned char>(c);
  return base::CommandId{value};
}

}  // namespace hugang::client
