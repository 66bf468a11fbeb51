#include "services/edge/identity.hpp"

#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <vector>

namespace hugang::edge {

bool is_code(std::string_view text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || text.size() > kCodeBytesMax || !is_letter_or_digit(text.front())) {
    return false;
  }
  const auto is_allowed = [&](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
  };
  return std::ranges::all_of(text, is_allowed);
}

std::expected<Identity, EdgeError> parse_identity(std::string_view uri) {
  if (!uri.starts_with(kIdentityScheme)) return std::unexpected{EdgeError::kIdentityMalformed};
  const std::string_view rest = uri.substr(kIdentityScheme.size());
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos) return std::unexpected{EdgeError::kIdentityMalformed};
  const std::string_view node = rest.substr(0, slash);
  const std::string_view code = rest.substr(slash + 1);
  if (!is_code(node) || !is_code(code)) return std::unexpected{EdgeError::kIdentityMalformed};
  return Identity{std::string{node}, std::string{code}};
}

std::expected<Identity, EdgeError> identity_among(std::span<const std::string_view> uris) {
  const std::string_view* ours = nullptr;
  for (const std::string_view& uri : uris) {
    if (!uri.starts_with(kIdentityScheme)) continue;
    if (ours != nullptr) return std::unexpected{EdgeError::kIdentityMissing};
    ours = &uri;
  }
  if (ours == nullptr) return std::unexpected{EdgeError::kIdentityMissing};
  return parse_identity(*ours);
}

std::expected<Identity, EdgeError> identity_of(const grpc::AuthContext& context) {
  if (!context.IsPeerAuthenticated()) return std::unexpected{EdgeError::kIdentityMissing};
  std::vector<std::string_view> uris;
  for (const grpc::string_ref& uri : context.FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
    uris.emplace_back(uri.data(), uri.size());
  }
  return identity_among(uris);
}

}  // namespace hugang::edge
