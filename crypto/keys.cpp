#include "crypto/keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/openssl.hpp"

namespace hugang::crypto {
namespace {

using Code = KeyError::Code;

std::unexpected<KeyError> refuse(Code code, std::string sentence) {
  ERR_clear_error();
  return std::unexpected{KeyError{.code = code, .sentence = std::move(sentence)}};
}

const unsigned char* raw(base::ByteSpan bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// OpenSSL's name of the key type.
const char* openssl_name(Suite suite) {
  switch (suite) {
    case Suite::kEd25519:
      return "ED25519";
    case Suite::kSm2Sm3:
      return "SM2";
  }
  return "";
}

/// What stands before the point in a SubjectPublicKeyInfo: algorithm, for SM2 the curve, and the
/// head of the bit string (RFC 8410 section 4; GM/T 0006 object identifiers, the point
/// uncompressed).
std::span<const std::uint8_t> der_prefix(Suite suite) {
  static constexpr std::array<std::uint8_t, 12> kEd25519 = {0x30, 0x2A, 0x30, 0x05, 0x06, 0x03,
                                                            0x2B, 0x65, 0x70, 0x03, 0x21, 0x00};
  static constexpr std::array<std::uint8_t, 27> kSm2 = {
      0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
      0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x03, 0x42, 0x00, 0x04};
  switch (suite) {
    case Suite::kEd25519:
      return kEd25519;
    case Suite::kSm2Sm3:
      return kSm2;
  }
  return {};
}

constexpr std::size_t point_bytes(Suite suite) { return suite == Suite::kEd25519 ? 32 : 64; }

bool is_canonical_der(Suite suite, base::ByteSpan der) {
  const auto prefix = der_prefix(suite);
  return der.size() == prefix.size() + point_bytes(suite) &&
         std::equal(prefix.begin(), prefix.end(), raw(der));
}

/// Whether an encoded Ed25519 point has an order that divides 8: for such a "key" one signature can
/// fit many messages, so it proves nothing. Found by its y coordinate (0, 1, -1, or one of the two
/// of order 8); an encoding with y >= p, which names a point a second time, counts as weak too.
bool is_weak_ed25519_point(std::span<const unsigned char> point) {
  using Point = std::array<unsigned char, 32>;
  static constexpr Point kZero{};
  static constexpr Point kOne{0x01};
  static constexpr Point kOrder8{0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4,
                                 0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6,
                                 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05};
  static constexpr Point kOrder8Negated{0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F,
                                        0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F,
                                        0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6,
                                        0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A};
  Point y{};
  std::ranges::copy(point, y.begin());
  y.back() &= 0x7F;  // The highest bit is the sign of x.

  for (const Point& weak : {kZero, kOne, kOrder8, kOrder8Negated}) {
    if (y == weak) return true;
  }
  // y = p - 1 (that is -1) is 0xEC, 0xFF... 0xFF, 0x7F; everything above it is y >= p.
  return y.front() >= 0xEC && y.back() == 0x7F &&
         std::all_of(y.begin() + 1, y.end() - 1, [](unsigned char b) { return b == 0xFF; });
}

std::optional<Suite> suite_of(const EVP_PKEY* pkey) {
  for (const Suite suite : {Suite::kEd25519, Suite::kSm2Sm3}) {
    if (EVP_PKEY_is_a(pkey, openssl_name(suite)) == 1) return suite;
  }
  return std::nullopt;
}

/// The public half in our one form, whatever form the key was read in; empty if it has none.
base::Bytes public_der(EVP_PKEY* pkey, Suite suite) {
  if (suite == Suite::kSm2Sm3) {
    EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  }
  unsigned char* encoded = nullptr;
  const int size = i2d_PUBKEY(pkey, &encoded);
  if (size <= 0) return {};
  const auto* const begin = reinterpret_cast<const std::byte*>(encoded);
  base::Bytes der(begin, begin + size);
  OPENSSL_free(encoded);
  return der;
}

/// Whether the halves of a key belong together and the secret is in range. An SM2 file carries both
/// halves, and OpenSSL reads them without comparing; of Ed25519 the public half is computed.
bool is_consistent(EVP_PKEY* pkey, Suite suite) {
  if (suite == Suite::kEd25519) return true;
  const PkeyContextPtr context{EVP_PKEY_CTX_new_from_pkey(nullptr, pkey, nullptr)};
  HG_CHECK(context != nullptr);
  return EVP_PKEY_check(context.get()) == 1;
}

/// Answers "no passphrase" where OpenSSL would otherwise ask at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::string take_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  HG_CHECK(size > 0);
  return {data, static_cast<std::size_t>(size)};
}

constexpr std::string_view kWhichKeys =
    "use an Ed25519 key (openssl genpkey -algorithm ED25519) or an SM2 key (openssl genpkey "
    "-algorithm SM2)";

}  // namespace

base::KeyId key_id_of(Suite suite, base::ByteSpan der) {
  base::Bytes named{static_cast<std::byte>(suite)};
  named.insert(named.end(), der.begin(), der.end());
  const base::Digest digest = sha256(named);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < sizeof(id); ++i) {
    id = (id << 8) | std::to_integer<std::uint64_t>(digest.bytes[i]);
  }
  return base::KeyId{id};
}

PublicKey::PublicKey(Suite suite, base::Bytes der, std::shared_ptr<const KeyState> state)
    : suite_{suite}, id_{key_id_of(suite, der)}, der_{std::move(der)}, state_{std::move(state)} {}

std::expected<PublicKey, KeyError> PublicKey::from_der(Suite suite, base::ByteSpan der) {
  const std::string name{to_text(suite)};
  if (!is_canonical_der(suite, der)) {
    for (const Suite other : {Suite::kEd25519, Suite::kSm2Sm3}) {
      if (other == suite || !is_canonical_der(other, der)) continue;
      return refuse(Code::kWrongSuite, "this is a public key of suite " +
                                           std::string{to_text(other)} + ", but one of suite " +
                                           name + " was asked for");
    }
    return refuse(Code::kMalformed, "this is no public key of suite " + name +
                                        " in SubjectPublicKeyInfo form (openssl pkey -pubout "
                                        "-outform DER writes it)");
  }
  const unsigned char* cursor = raw(der);
  // An Ed25519 point stands behind a fixed prefix, which was checked: no parser is needed for it.
  PkeyPtr pkey{suite == Suite::kEd25519
                   ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                                 cursor + der_prefix(suite).size(),
                                                 point_bytes(suite))
                   : d2i_PUBKEY(nullptr, &cursor, static_cast<long>(der.size()))};
  if (pkey == nullptr || suite_of(pkey.get()) != suite) {
    return refuse(Code::kMalformed, "the public key is damaged: its point is not on the curve of " +
                                        name + "; get it from its owner again");
  }
  if (suite == Suite::kEd25519 &&
      is_weak_ed25519_point({raw(der) + der_prefix(suite).size(), point_bytes(suite)})) {
    return refuse(Code::kWeak,
                  "this public key is a point of small order, for which anybody can forge "
                  "signatures; have its owner make a new key");
  }
  return PublicKey{suite, base::Bytes(der.begin(), der.end()),
                   std::make_shared<const KeyState>(KeyState{std::move(pkey)})};
}

std::expected<PublicKey, KeyError> PublicKey::from_pem(std::string_view pem) {
  if (pem.size() > kPemBytesMax) {
    return refuse(Code::kMalformed, "this text is too long for a public key");
  }
  const BioPtr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  HG_CHECK(bio != nullptr);
  bool passphrase_asked = false;
  const PkeyPtr pkey{PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, &passphrase_asked)};
  if (pkey == nullptr) {
    return refuse(Code::kMalformed,
                  "this is no public key in PEM form: its first line should be -----BEGIN PUBLIC "
                  "KEY----- (openssl pkey -in KEY -pubout writes it)");
  }
  const auto suite = suite_of(pkey.get());
  if (!suite) {
    return refuse(Code::kWrongSuite,
                  "the public key is of an algorithm that is no suite; " + std::string{kWhichKeys});
  }
  return from_der(*suite, public_der(pkey.get(), *suite));
}

std::string PublicKey::to_pem() const {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  HG_CHECK(bio != nullptr);
  HG_CHECK(PEM_write_bio_PUBKEY(bio.get(), state_->pkey.get()) == 1);
  return take_text(bio.get());
}

void PrivateKey::StateDeleter::operator()(KeyState* state) const noexcept { delete state; }

PrivateKey::PrivateKey(StatePtr state, PublicKey public_key)
    : state_{std::move(state)}, public_key_{std::move(public_key)} {}

PrivateKey PrivateKey::generate(Suite suite) {
  PkeyPtr pkey{EVP_PKEY_Q_keygen(nullptr, nullptr, openssl_name(suite))};
  HG_CHECK(pkey != nullptr);
  auto public_key = PublicKey::from_der(suite, public_der(pkey.get(), suite));
  HG_CHECK(public_key.has_value());
  return PrivateKey{StatePtr{new KeyState{std::move(pkey)}}, *std::move(public_key)};
}

std::expected<PrivateKey, KeyError> PrivateKey::from_pem(std::string_view pem) {
  if (pem.size() > kPemBytesMax) {
    return refuse(Code::kMalformed, "this text is too long for a private key");
  }
  const BioPtr bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  HG_CHECK(bio != nullptr);
  bool passphrase_asked = false;
  PkeyPtr pkey{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &passphrase_asked)};
  if (passphrase_asked) {
    return refuse(Code::kMalformed,
                  "the private key is under a passphrase, which a node cannot type; write it out "
                  "with openssl pkey -in KEY -out NEW and keep the file at mode 600");
  }
  if (pkey == nullptr) {
    return refuse(Code::kMalformed,
                  "this is no private key in PEM form: its first line should be -----BEGIN PRIVATE "
                  "KEY-----; " +
                      std::string{kWhichKeys});
  }
  const auto suite = suite_of(pkey.get());
  if (!suite) {
    return refuse(Code::kWrongSuite, "the private key is of an algorithm that is no suite; " +
                                         std::string{kWhichKeys});
  }
  if (!is_consistent(pkey.get(), *suite)) {
    return refuse(Code::kMalformed,
                  "the private key is damaged: its secret and its public half do not belong "
                  "together; restore it from a backup or make a new key");
  }
  auto public_key = PublicKey::from_der(*suite, public_der(pkey.get(), *suite));
  if (!public_key) return std::unexpected{std::move(public_key).error()};
  return PrivateKey{StatePtr{new KeyState{std::move(pkey)}}, *std::move(public_key)};
}

std::string PrivateKey::to_pem() const {
  // A secure memory BIO wipes its buffer when it is freed.
  const BioPtr bio{BIO_new(BIO_s_secmem())};
  HG_CHECK(bio != nullptr);
  HG_CHECK(PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->pkey.get(), nullptr, nullptr, 0,
                                         nullptr, nullptr) == 1);
  return take_text(bio.get());
}

}  // namespace hugang::crypto
