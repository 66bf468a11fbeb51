#include "clients/hugang/public_key.hpp"

#include <optional>

#include "clients/library/file_text.hpp"

namespace hugang::program {
namespace {

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";

// Object identifiers in DER: 1.3.101.112 (RFC 8410) and 1.2.156.10197.1.301 (GB/T 32918.5).
constexpr std::string_view kEd25519Oid{"\x06\x03\x2b\x65\x70", 5};
constexpr std::string_view kSm2Oid{"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d", 10};

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

/// Base64 with line ends; nothing when it is something else.
std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int bit_count = 0;
  std::size_t digits = 0;
  std::size_t fill = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++fill;
      continue;
    }
    const int value = base64_value(c);
    if (value < 0 || fill > 0) return std::nullopt;
    ++digits;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFFu;
    bit_count += 6;
    if (bit_count >= 8) {
      bit_count -= 8;
      bytes.push_back(static_cast<char>(static_cast<unsigned char>((bits >> bit_count) & 0xFF)));
    }
  }
  if (fill > 2 || (digits + fill) % 4 != 0) return std::nullopt;
  return bytes;
}

}  // namespace

Attempt<PublicKey> parse_public_key(std::string_view pem, const std::string& path) {
  if (pem.find("PRIVATE KEY") != std::string_view::npos) {
    return usage_failure(path +
                         " is a private key: give the public half, which openssl pkey "
                         "-pubout writes");
  }
  const auto begin = pem.find(kBegin);
  const auto end = pem.find(kEnd);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return usage_failure(path + " holds no '" + std::string{kBegin} + "'");
  }
  const auto der = decode_base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  if (!der || der->empty()) return usage_failure(path + " is no PEM file: its base64 is broken");
  if (der->find(kEd25519Oid) != std::string::npos) return PublicKey{"ed25519", *der};
  if (der->find(kSm2Oid) != std::string::npos) return PublicKey{"sm2-sm3", *der};
  return usage_failure(path + " is neither an Ed25519 nor an SM2 key: nodes sign with these two");
}

Attempt<PublicKey> read_public_key(const std::string& path) {
  const auto pem = client::read_file(path);
  if (!pem) return usage_failure("cannot read " + path);
  return parse_public_key(*pem, path);
}

}  // namespace hugang::program
