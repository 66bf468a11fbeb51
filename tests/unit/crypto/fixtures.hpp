// What the tests of crypto/ share: hexadecimal text, fixed keys, and a folder that goes away.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/bytes.hpp"
#include "clearing/base/check.hpp"
#include "crypto/keys.hpp"

namespace hugang::crypto::test {

inline unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  HG_CHECK(c >= 'A' && c <= 'F');
  return static_cast<unsigned>(c - 'A') + 10;
}

/// White space between digits is skipped.
inline base::Bytes from_hex(std::string_view text) {
  base::Bytes bytes;
  std::optional<unsigned> high;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    if (!high) {
      high = hex_digit(c);
      continue;
    }
    bytes.push_back(static_cast<std::byte>(*high * 16 + hex_digit(c)));
    high.reset();
  }
  HG_CHECK(!high);
  return bytes;
}

inline base::Bytes bytes_of(std::string_view text) {
  const auto span = base::as_bytes(text);
  return {span.begin(), span.end()};
}

/// RFC 8410 section 7: PKCS #8 with the 32 secret bytes as they are in RFC 8032.
inline PrivateKey ed25519_key(std::string_view secret_hex) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  base::Bytes der = from_hex("302e020100300506032b657004220420");
  const base::Bytes secret = from_hex(secret_hex);
  der.insert(der.end(), secret.begin(), secret.end());
  HG_CHECK(der.size() % 3 == 0);
  std::string base64;
  for (std::size_t i = 0; i < der.size(); i += 3) {
    const unsigned word = std::to_integer<unsigned>(der[i]) << 16 |
                          std::to_integer<unsigned>(der[i + 1]) << 8 |
                          std::to_integer<unsigned>(der[i + 2]);
    for (const int shift : {18, 12, 6, 0}) base64.push_back(kAlphabet[(word >> shift) & 63]);
  }
  auto key = PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\n" + base64 +
                                  "\n-----END PRIVATE KEY-----\n");
  HG_CHECK(key.has_value());
  return *std::move(key);
}

/// The key of RFC 8032 section 7.1, test 1.
inline PrivateKey rfc8032_key_1() {
  return ed25519_key("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hugang-test-XXXXXX").string();
    HG_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary};
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  HG_CHECK(out.good());
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// A file among the third-party test data, which lie beside the source tree or where the
/// environment variable HUGANG_SHARED says; the file may be absent.
inline std::filesystem::path shared_file(std::string_view name) {
  const char* const shared = std::getenv("HUGANG_SHARED");
  const std::filesystem::path root =
      shared != nullptr ? std::filesystem::path{shared}
                        : std::filesystem::path{HUGANG_SOURCE_DIR}.parent_path() / "shared";
  return root / name;
}

/// Runs a shell command; its exit status.
inline int run_command(const std::string& command) { return std::system(command.c_str()); }

inline bool has_openssl_command() { return run_command("command -v openssl >/dev/null 2>&1") == 0; }

}  // namespace hugang::crypto::test
