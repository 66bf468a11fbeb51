#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <span>

#include "clearing/base/check.hpp"
#include "crypto/openssl.hpp"

namespace hugang::crypto {
namespace {

using base::ByteSpan;
using base::Digest;

/// Looked up once: a look-up by name for each hash costs more than hashing a short message.
/// Never freed, because hashing may go on while the process ends.
const EVP_MD* fetch(const char* name) {
  const EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
  HG_CHECK(md != nullptr);
  HG_CHECK(EVP_MD_get_size(md) == static_cast<int>(sizeof(Digest)));
  return md;
}

const EVP_MD* sha256_md() {
  static const EVP_MD* const md = fetch("SHA256");
  return md;
}

const EVP_MD* sm3_md() {
  static const EVP_MD* const md = fetch("SM3");
  return md;
}

/// A context that has been begun and can be begun again without another allocation.
class Hasher {
 public:
  explicit Hasher(const EVP_MD* md) : context_{EVP_MD_CTX_new()} {
    HG_CHECK(context_ != nullptr);
    HG_CHECK(EVP_DigestInit_ex2(context_.get(), md, nullptr) == 1);
  }

  void begin() { HG_CHECK(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1); }
  void update(ByteSpan bytes) {
    HG_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  [[nodiscard]] Digest finish() {
    Digest digest;
    unsigned int size = 0;
    auto* const out = reinterpret_cast<unsigned char*>(digest.bytes.data());
    HG_CHECK(EVP_DigestFinal_ex(context_.get(), out, &size) == 1);
    HG_CHECK(size == sizeof(Digest));
    return digest;
  }

 private:
  MdContextPtr context_;
};

Hasher& thread_sha256() {
  thread_local Hasher hasher{sha256_md()};
  hasher.begin();
  return hasher;
}

Hasher& thread_sm3() {
  thread_local Hasher hasher{sm3_md()};
  hasher.begin();
  return hasher;
}

}  // namespace

Digest sha256(ByteSpan bytes) {
  Hasher& hasher = thread_sha256();
  hasher.update(bytes);
  return hasher.finish();
}

Digest sm3(ByteSpan bytes) {
  Hasher& hasher = thread_sm3();
  hasher.update(bytes);
  return hasher.finish();
}

Digest chain_next(const Digest& before, ByteSpan message) {
  Hasher& hasher = thread_sha256();
  hasher.update(std::span{&kChainPrefix, 1});
  hasher.update(before.bytes);
  hasher.update(message);
  return hasher.finish();
}

struct Sha256::State {
  Hasher hasher{sha256_md()};
};

void Sha256::StateDeleter::operator()(State* state) const noexcept { delete state; }

Sha256::Sha256() : state_{new State} {}

Sha256& Sha256::update(ByteSpan bytes) {
  state_->hasher.update(bytes);
  return *this;
}

Digest Sha256::finish() {
  const Digest digest = state_->hasher.finish();
  state_->hasher.begin();
  return digest;
}

}  // namespace hugang::crypto
