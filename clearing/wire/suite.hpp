// The signature suites that nodes may use, as numbers in messages and as names in configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hugang::wire {

/// Written in envelopes and key ids: values are never reused.
/// kEd25519: RFC 8032 pure Ed25519. kSm2Sm3: SM2 signature with SM3 (GM/T 0003.2, GB/T 32918.2).
enum class Suite : std::uint8_t { kEd25519 = 1, kSm2Sm3 = 2 };

/// The name in configuration and on screens: "ed25519" or "sm2-sm3".
[[nodiscard]] constexpr std::string_view to_text(Suite suite) {
  switch (suite) {
    case Suite::kEd25519:
      return "ed25519";
    case Suite::kSm2Sm3:
      return "sm2-sm3";
  }
  return "unknown";
}

/// The suite of that exact name, or nothing.
[[nodiscard]] constexpr std::optional<Suite> suite_from_text(std::string_view text) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    if (text == to_text(suite)) return suite;
  }
  return std::nullopt;
}

/// The suite of that number, or nothing.
[[nodiscard]] constexpr std::optional<Suite> suite_from_number(std::uint8_t number) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    if (number == static_cast<std::uint8_t>(suite)) return suite;
  }
  return std::nullopt;
}

}  // namespace hugang::wire
