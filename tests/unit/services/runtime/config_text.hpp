// A good configuration as text, for tests that change a line of it.
#pragma once

#include <string>
#include <string_view>

namespace hugang::runtime::testing {

inline constexpr std::string_view kGoodConfig = R"([node]
id = 1
code = "shanghai"
name = "Shanghai 上海"

[ledger]
directory = "ledger"
checkpoint_entries = 5000
checkpoint_mib = 64

[grpc]
listen = "127.0.0.1:7001"

[operations]
listen = "[::1]:7011"

[tls]
certificate = "pki/node.pem"
key = "pki/node.key"
client_ca = "pki/ca-bundle.pem"

[signing]
keys = ["pki/signing.key", "pki/next.key"]
valid_to = 2031-01-01

[[peer]]
id = 2
code = "hongkong"
address = "node.example:7002"
public_key = "pki/hongkong.pub.pem"
suite = "ed25519"

[queue]
commands = 20_000
mib = 16
reads = 100

[log]
level = "warning"
format = "json"

[genesis.operator]
code = "operator"
name = "Operator"

[[genesis.asset]]
id = 1
code = "CNY.D"
issuer = 1
scale = 2

[[genesis.asset]]
id = 2
code = "HKD"
issuer = 2
scale = 2

[[genesis.participant]]
code = "HGSHCNSHXXX"
roles = ["participant"]
name = "Bund Bank"
local_name = "外滩银行"
bic = "HGSHCNSHXXX"
lei = "5493001KJTIIGC8Y1R12"

[[genesis.reserve]]
asset = 1

[[genesis.corridor]]
peer = 2
asset = 1

[[genesis.corridor]]
peer = 2
asset = 2

[genesis.rules]
version = 3

[[genesis.rules.rule]]
kind = "corridor-cap"
asset = 2
peer = 2
value = 500_000
)";

/// The good text with the one place where `from` stands replaced by `to`; empty when there is
/// none, which no test survives.
inline std::string with(std::string_view from, std::string_view to) {
  std::string text{kGoodConfig};
  const auto at = text.find(from);
  if (at == std::string::npos) return {};
  return text.replace(at, from.size(), to);
}

}  // namespace hugang::runtime::testing
