// The node's own TLS certificate and the authorities it trusts: read from PEM files and checked
// before anything listens or dials, so that a wrong file is a sentence at start and not a failed
// handshake at night.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "clearing/base/timestamp.hpp"

namespace hugang::tls {

/// Where the PEM files are; deploy/pki/README.md describes how to make them.
struct TlsFiles {
  std::filesystem::path certificate;  ///< this node's, for hugang://CODE/node; may be a chain
  std::filesystem::path private_key;  ///< of that certificate; readable by its owner alone
  std::filesystem::path trusted_cas;  ///< this node's CA and those of all peers, one bundle
};

/// The texts of those files, checked.
struct TlsMaterial {
  std::string certificate_pem;
  std::string private_key_pem;  ///< secret
  std::string trusted_cas_pem;
  base::Timestamp certificate_expires_at;  ///< earliest end among certificate and CAs
};

/// Reads and checks. The error is a sentence with the file's name that says what to do:
/// a file that is missing or unreadable, a key that others may open or that belongs to another
/// certificate, a certificate that is not yet or no longer valid at `now` or does not name
/// hugang://`node_code`/node, a bundle without this node's CA, and a CA that is not bound to the
/// names of its own node: every CA other than this node's own must carry a name constraint that
/// permits URIs of some hosts, and not of `node_code`. OpenSSL enforces the constraint in every
/// handshake; so no other operator can issue certificates for participants of this node.
[[nodiscard]] std::expected<TlsMaterial, std::string> load_tls(const TlsFiles& files,
                                                               std::string_view node_code,
                                                               base::Timestamp now);

/// Makes TLS 1.3 the only version that this process negotiates through gRPC, as server and client.
/// gRPC 1.51 has no such setting in its public headers, and its minimum is 1.2. It takes the
/// ciphers of TLS 1.2 from the environment, once: this sets them to one that nobody can
/// negotiate (a pre-shared key, of which there is none); the ciphers of 1.3 are not affected.
/// Call it first thing in main, before threads start and before any gRPC credentials are made.
void allow_only_tls13();
/// True after that call.
[[nodiscard]] bool allows_only_tls13();

}  // namespace hugang::tls
