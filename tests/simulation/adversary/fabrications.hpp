// The makers of lies, one for each kind.
#pragma once

#include <span>

#include "tests/simulation/adversary/liar.hpp"

namespace hugang::simulation {

struct Fabrication {
  LieKind kind;
  /// False when there is nothing to make such a lie of at the moment.
  bool (*tell)(Liar& liar, Voice& voice);
};

[[nodiscard]] std::span<const Fabrication> envelope_fabrications();
[[nodiscard]] std::span<const Fabrication> message_fabrications();
[[nodiscard]] std::span<const Fabrication> instruction_fabrications();
[[nodiscard]] std::span<const Fabrication> nuisance_fabrications();

/// Tells a lie of that kind; false when it cannot be told now.
[[nodiscard]] bool fabricate(LieKind kind, Liar& liar, Voice& voice);

/// What the victim asked figures for: mirrored by the liar, off by `off`, of which `explained` is
/// said to be under way.
[[nodiscard]] base::Bytes mirrored_figures(base::ByteSpan request, std::int64_t off,
                                           std::int64_t explained);

/// A report of where the liar stands, that is no true one.
[[nodiscard]] bool falsify(LieKind kind, Liar& liar, Voice& voice, peer::Report& report);

}  // namespace hugang::simulation
