// What an X.509 certificate says, for checks at start; handshakes themselves are the TLS library's.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/timestamp.hpp"

namespace hugang::crypto {

/// Hidden: OpenSSL's certificate object.
struct CertificateState;

/// An immutable certificate; copies share it. Thread-safe.
class Certificate {
 public:
  /// All certificates of a PEM text, in its order, at least one. The error is a sentence.
  [[nodiscard]] static std::expected<std::vector<Certificate>, std::string> all_from_pem(
      std::string_view pem);

  /// One line for people, e.g. "O=Example, CN=shanghai CA".
  [[nodiscard]] std::string subject() const;
  [[nodiscard]] base::Timestamp not_before() const;
  [[nodiscard]] base::Timestamp not_after() const;  ///< still valid in that second
  [[nodiscard]] bool is_ca() const;

  /// The URIs of the subject alternative name.
  [[nodiscard]] std::vector<std::string> uris() const;

  /// The hosts whose URIs the name constraints permit; empty when URIs are not constrained.
  [[nodiscard]] std::vector<std::string> permitted_uri_hosts() const;

  /// True when `ca` signed this: names and signature are checked, validity is not.
  [[nodiscard]] bool is_issued_by(const Certificate& ca) const;

  /// True when the PEM text is the private key of this certificate, not under a passphrase.
  [[nodiscard]] bool has_private_key(std::string_view key_pem) const;

 private:
  explicit Certificate(std::shared_ptr<const CertificateState> state) : state_{std::move(state)} {}
  std::shared_ptr<const CertificateState> state_;
};

}  // namespace hugang::crypto
