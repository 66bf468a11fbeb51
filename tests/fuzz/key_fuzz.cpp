// Keys and certificates as peers and operators hand them in: DER of both suites and PEM. A key that
// is accepted is the key of exactly these bytes, its id follows from them, and it can be asked
// about any signature.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "clearing/base/check.hpp"
#include "crypto/certificate.hpp"
#include "crypto/keys.hpp"
#include "crypto/signature.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;

void check_key(const crypto::PublicKey& key, base::ByteSpan signature) {
  HG_CHECK(key.id() == crypto::key_id_of(key.suite(), key.to_der()));
  const auto from_der = crypto::PublicKey::from_der(key.suite(), key.to_der());
  HG_CHECK(from_der.has_value() && *from_der == key);
  const auto from_pem = crypto::PublicKey::from_pem(key.to_pem());
  HG_CHECK(from_pem.has_value() && *from_pem == key);
  // Nobody holds the secret of a key that the fuzzer made up.
  (void)crypto::verify_raw(key, base::as_bytes("message"), signature);
}

void check_der(base::ByteSpan bytes, crypto::Suite suite) {
  const auto key = crypto::PublicKey::from_der(suite, bytes);
  if (!key) {
    HG_CHECK(!key.error().sentence.empty());
    return;
  }
  HG_CHECK(std::ranges::equal(key->to_der(), bytes));
  check_key(*key, bytes);
}

void check_pem(std::string_view text) {
  if (const auto key = crypto::PublicKey::from_pem(text)) check_key(*key, base::as_bytes(text));
  if (const auto secret = crypto::PrivateKey::from_pem(text)) {
    const auto again = crypto::PrivateKey::from_pem(secret->to_pem());
    HG_CHECK(again.has_value() && again->public_key() == secret->public_key());
  }
  if (const auto certificates = crypto::Certificate::all_from_pem(text)) {
    HG_CHECK(!certificates->empty());
    for (const crypto::Certificate& each : *certificates) {
      (void)each.subject();
      (void)each.not_before();
      (void)each.not_after();
      (void)each.is_ca();
      (void)each.uris();
      (void)each.permitted_uri_hosts();
      (void)each.is_issued_by(certificates->front());
      (void)each.has_private_key(text);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteSpan bytes = fuzz::bytes_of(data, size);
  check_der(bytes, crypto::Suite::kEd25519);
  check_der(bytes, crypto::Suite::kSm2Sm3);
  check_pem(fuzz::text_of(data, size));
  return 0;
}
