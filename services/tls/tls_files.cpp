#include "services/tls/tls_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "crypto/certificate.hpp"

namespace hugang::tls {
namespace {

using crypto::Certificate;
using Refusal = std::unexpected<std::string>;

constexpr std::uintmax_t kFileBytesMax = 1u << 20;
constexpr const char* kCipherVariable = "GRPC_SSL_CIPHER_SUITES";
constexpr const char* kNoCipher = "PSK-AES256-GCM-SHA384";

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

/// yyyy-mm-dd hh:mm:ss UTC.
std::string to_text(base::Timestamp at) {
  const std::time_t seconds = at.ns() / 1'000'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

std::expected<std::string, std::string> read_file(const std::filesystem::path& path,
                                                  std::string_view what) {
  const std::string name = "the " + std::string{what} + " file " + quoted(path);
  if (path.empty()) return Refusal{"no file is named for the " + std::string{what}};
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return Refusal{name + " does not exist: name another in the configuration, or make one with " +
                   "deploy/pki/make-pki.sh"};
  }
  if (!std::filesystem::is_regular_file(path, error)) return Refusal{name + " is not a file"};
  if (std::filesystem::file_size(path, error) > kFileBytesMax) {
    return Refusal{name + " is larger than a megabyte: it is no PEM file"};
  }
  std::ifstream stream{path, std::ios::binary};
  if (!stream) {
    return Refusal{name + " cannot be read (" + std::strerror(errno) +
                   "): let the user that the node runs as read it"};
  }
  return std::string{std::istreambuf_iterator<char>{stream}, {}};
}

std::expected<std::string, std::string> read_private_key(const std::filesystem::path& path) {
  auto text = read_file(path, "private key");
  if (!text) return text;
  struct stat facts{};
  if (::stat(path.c_str(), &facts) == 0 && (facts.st_mode & 0077) != 0) {
    return Refusal{"the private key file " + quoted(path) +
                   " may be opened by others than its owner: run chmod 600 on it"};
  }
  return text;
}

std::expected<std::vector<Certificate>, std::string> parse(const std::filesystem::path& path,
                                                           std::string_view pem) {
  auto certificates = Certificate::all_from_pem(pem);
  if (certificates) return certificates;
  return Refusal{"the certificate file " + quoted(path) +
                 " cannot be used: " + certificates.error()};
}

std::expected<void, std::string> check_validity(const std::filesystem::path& path,
                                                const Certificate& certificate,
                                                base::Timestamp now) {
  const std::string name = "the certificate of " + certificate.subject() + " in " + quoted(path);
  if (certificate.not_before() > now) {
    return Refusal{name + " is not valid before " + to_text(certificate.not_before()) +
                   ": check this machine's clock, it says " + to_text(now)};
  }
  if (certificate.not_after() < now) {
    return Refusal{name + " has expired at " + to_text(certificate.not_after()) +
                   ": renew it (deploy/pki/make-pki.sh --renew for a throw-away PKI), it is now " +
                   to_text(now)};
  }
  return {};
}

std::expected<void, std::string> check_own(const TlsFiles& files, const Certificate& own,
                                           std::string_view key_pem, std::string_view node_code) {
  const std::string wanted = "hugang://" + std::string{node_code} + "/node";
  const auto uris = own.uris();
  if (std::ranges::find(uris, wanted) == uris.end()) {
    return Refusal{"the certificate " + quoted(files.certificate) + " does not name " + wanted +
                   ": use the one that was made for this node, or correct the node's code"};
  }
  if (!own.has_private_key(key_pem)) {
    return Refusal{"the private key " + quoted(files.private_key) +
                   " does not belong to the certificate " + quoted(files.certificate) +
                   ", or is under a passphrase: name the two that were made together"};
  }
  return {};
}

/// Every CA but the one that issued `own` must be bound to hosts, none of them ours.
std::expected<void, std::string> check_cas(const TlsFiles& files, const Certificate& own,
                                           const std::vector<Certificate>& cas,
                                           std::string_view node_code) {
  const std::string bundle = quoted(files.trusted_cas);
  bool has_own = false;
  for (const Certificate& ca : cas) {
    if (!ca.is_ca()) {
      return Refusal{"the certificate of " + ca.subject() + " in " + bundle +
                     " is not that of an authority: take it out"};
    }
    if (own.is_issued_by(ca)) {
      has_own = true;
      continue;
    }
    const auto hosts = ca.permitted_uri_hosts();
    if (hosts.empty()) {
      return Refusal{"the authority " + ca.subject() + " in " + bundle +
                     " may issue for every node: its certificate needs a name constraint that "
                     "permits the URIs of its own node alone"};
    }
    for (const std::string& host : hosts) {
      // A leading dot permits every host that ends so.
      if (host == node_code || (host.starts_with('.') && node_code.ends_with(host))) {
        return Refusal{"the authority " + ca.subject() + " in " + bundle +
                       " is another one's and may issue for " + std::string{node_code} +
                       ": only the authority of this node's own certificate may"};
      }
    }
  }
  if (has_own) return {};
  return Refusal{"no authority in " + bundle + " issued the certificate " +
                 quoted(files.certificate) + ": add this node's own CA to the bundle"};
}

}  // namespace

std::expected<TlsMaterial, std::string> load_tls(const TlsFiles& files, std::string_view node_code,
                                                 base::Timestamp now) {
  auto certificate_pem = read_file(files.certificate, "certificate");
  if (!certificate_pem) return Refusal{certificate_pem.error()};
  auto key_pem = read_private_key(files.private_key);
  if (!key_pem) return Refusal{key_pem.error()};
  auto cas_pem = read_file(files.trusted_cas, "trusted CA");
  if (!cas_pem) return Refusal{cas_pem.error()};

  const auto chain = parse(files.certificate, *certificate_pem);
  if (!chain) return Refusal{chain.error()};
  const auto cas = parse(files.trusted_cas, *cas_pem);
  if (!cas) return Refusal{cas.error()};

  base::Timestamp expires_at = chain->front().not_after();
  for (const Certificate& certificate : *chain) {
    if (auto valid = check_validity(files.certificate, certificate, now); !valid) {
      return Refusal{valid.error()};
    }
    expires_at = std::min(expires_at, certificate.not_after());
  }
  for (const Certificate& ca : *cas) {
    if (auto valid = check_validity(files.trusted_cas, ca, now); !valid) {
      return Refusal{valid.error()};
    }
    expires_at = std::min(expires_at, ca.not_after());
  }
  if (auto own = check_own(files, chain->front(), *key_pem, node_code); !own) {
    return Refusal{own.error()};
  }
  // With intermediates, the last of the chain is what the CA issued.
  if (auto bound = check_cas(files, chain->back(), *cas, node_code); !bound) {
    return Refusal{bound.error()};
  }
  return TlsMaterial{.certificate_pem = std::move(*certificate_pem),
                     .private_key_pem = std::move(*key_pem),
                     .trusted_cas_pem = std::move(*cas_pem),
                     .certificate_expires_at = expires_at};
}

void allow_only_tls13() { ::setenv(kCipherVariable, kNoCipher, 1); }

bool allows_only_tls13() {
  const char* value = ::getenv(kCipherVariable);
  return value != nullptr && std::strcmp(value, kNoCipher) == 0;
}

}  // namespace hugang::tls
