// Who calls, by the verified certificate: the one URI hugang://<node>/<code> among its subject
// alternative names.
#pragma once

#include <grpcpp/security/auth_context.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "clearing/base/strong_id.hpp"
#include "services/edge/errors.hpp"

namespace hugang::edge {

inline constexpr std::string_view kIdentityScheme = "hugang://";
/// The path of a node's own certificate; no participant may be called so.
inline constexpr std::string_view kNodeIdentityCode = "node";
/// Node and participant codes: what wire::FixedText<16> holds.
inline constexpr std::size_t kCodeBytesMax = 16;

/// The two parts of the URI.
struct Identity {
  std::string node;
  std::string code;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// Whether the text can be a node's or participant's code: 1 to 16 letters, digits and . _ -
/// (ASCII), beginning with a letter or digit. So it stands in a URI as it is.
[[nodiscard]] bool is_code(std::string_view text);

/// The parts of one URI, or kIdentityMalformed.
[[nodiscard]] std::expected<Identity, EdgeError> parse_identity(std::string_view uri);

/// The identity among the URIs of a certificate; other schemes are passed over.
/// kIdentityMissing: there is none of ours, or more than one.
[[nodiscard]] std::expected<Identity, EdgeError> identity_among(
    std::span<const std::string_view> uris);

/// The identity of a connection whose certificate was verified. kIdentityMissing also where the
/// peer was not authenticated.
[[nodiscard]] std::expected<Identity, EdgeError> identity_of(const grpc::AuthContext& context);

}  // namespace hugang::edge
