#include "crypto/certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "crypto/openssl.hpp"

namespace hugang::crypto {

using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;

struct CertificateState {
  X509Ptr x509;
};

namespace {

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using NameConstraintsPtr = std::unique_ptr<NAME_CONSTRAINTS, OpensslFree<NAME_CONSTRAINTS_free>>;

/// Refuses to ask a terminal for a passphrase: a node must start unattended.
int no_passphrase(char*, int, int, void*) { return -1; }

BioPtr bio_over(std::string_view text) {
  return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

base::Timestamp to_timestamp(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return base::Timestamp{};
  return base::Timestamp{static_cast<std::int64_t>(timegm(&parts)) * 1'000'000'000};
}

std::string uri_text(const ASN1_IA5STRING* uri) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
          static_cast<std::size_t>(ASN1_STRING_length(uri))};
}

}  // namespace

std::expected<std::vector<Certificate>, std::string> Certificate::all_from_pem(
    std::string_view pem) {
  constexpr std::size_t kTextMax = 1u << 20;
  if (pem.size() > kTextMax) return std::unexpected{"the text is larger than a megabyte"};
  std::vector<Certificate> certificates;
  const BioPtr bio = bio_over(pem);
  while (X509Ptr x509{PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)}) {
    // Reads and caches the extensions, so that later calls only look.
    if (X509_check_purpose(x509.get(), -1, 0) != 1) {
      return std::unexpected{"certificate " + std::to_string(certificates.size() + 1) +
                             " has a malformed extension"};
    }
    auto state = std::make_shared<CertificateState>();
    state->x509 = std::move(x509);
    certificates.push_back(Certificate{std::move(state)});
  }
  const unsigned long error = ERR_peek_last_error();
  const bool is_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (certificates.empty()) return std::unexpected{"there is no PEM certificate in it"};
  if (!is_end) {
    return std::unexpected{"certificate " + std::to_string(certificates.size() + 1) +
                           " is damaged"};
  }
  return certificates;
}

std::string Certificate::subject() const {
  const BioPtr bio{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(state_->x509.get()), 0,
                     XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string{data, static_cast<std::size_t>(size)} : std::string{};
}

base::Timestamp Certificate::not_before() const {
  return to_timestamp(X509_get0_notBefore(state_->x509.get()));
}

base::Timestamp Certificate::not_after() const {
  return to_timestamp(X509_get0_notAfter(state_->x509.get()));
}

bool Certificate::is_ca() const {
  return (X509_get_extension_flags(state_->x509.get()) & EXFLAG_CA) != 0;
}

std::vector<std::string> Certificate::uris() const {
  std::vector<std::string> uris;
  const GeneralNamesPtr names{static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(state_->x509.get(), NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) uris.push_back(uri_text(name->d.uniformResourceIdentifier));
  }
  return uris;
}

std::vector<std::string> Certificate::permitted_uri_hosts() const {
  std::vector<std::string> hosts;
  const NameConstraintsPtr constraints{static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(state_->x509.get(), NID_name_constraints, nullptr, nullptr))};
  if (!constraints) return hosts;
  const auto* permitted = constraints->permittedSubtrees;
  for (int i = 0; permitted != nullptr && i < sk_GENERAL_SUBTREE_num(permitted); ++i) {
    const GENERAL_NAME* base = sk_GENERAL_SUBTREE_value(permitted, i)->base;
    if (base->type == GEN_URI) hosts.push_back(uri_text(base->d.uniformResourceIdentifier));
  }
  return hosts;
}

bool Certificate::is_issued_by(const Certificate& ca) const {
  const X509* issuer = ca.state_->x509.get();
  if (X509_NAME_cmp(X509_get_issuer_name(state_->x509.get()), X509_get_subject_name(issuer)) != 0) {
    return false;
  }
  const bool is_signed = X509_verify(state_->x509.get(), X509_get0_pubkey(issuer)) == 1;
  ERR_clear_error();
  return is_signed;
}

bool Certificate::has_private_key(std::string_view key_pem) const {
  const BioPtr bio = bio_over(key_pem);
  const PkeyPtr key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
  const bool fits = key && X509_check_private_key(state_->x509.get(), key.get()) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace hugang::crypto
