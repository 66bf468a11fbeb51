// What signatures and envelopes cost, by both suites.
#include <benchmark/benchmark.h>

#include "clearing/base/check.hpp"
#include "crypto/envelope.hpp"
#include "crypto/keys.hpp"

namespace hugang::bench {
namespace {

using crypto::Suite;

base::Bytes payload_of(const benchmark::State& state) {
  return base::Bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5A});
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void seal(benchmark::State& state, Suite suite) {
  const auto key = crypto::PrivateKey::generate(suite);
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::seal(key, payload));
  count(state);
}
BENCHMARK_CAPTURE(seal, ed25519, Suite::kEd25519)->ArgName("bytes")->Arg(200)->Arg(65'536);
BENCHMARK_CAPTURE(seal, sm2_sm3, Suite::kSm2Sm3)->ArgName("bytes")->Arg(200)->Arg(65'536);

void check(benchmark::State& state, Suite suite) {
  const auto key = crypto::PrivateKey::generate(suite);
  const crypto::SignedEnvelope envelope = crypto::seal(key, payload_of(state));
  for (auto _ : state) {
    HG_CHECK(crypto::check(key.public_key(), wire::view_of(envelope)).has_value());
  }
  count(state);
}
BENCHMARK_CAPTURE(check, ed25519, Suite::kEd25519)->ArgName("bytes")->Arg(200)->Arg(65'536);
BENCHMARK_CAPTURE(check, sm2_sm3, Suite::kSm2Sm3)->ArgName("bytes")->Arg(200)->Arg(65'536);

void envelope_encode(benchmark::State& state) {
  const auto key = crypto::PrivateKey::generate(Suite::kEd25519);
  const crypto::SignedEnvelope envelope = crypto::seal(key, payload_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(wire::encode_envelope(envelope));
  count(state);
}
BENCHMARK(envelope_encode)->ArgName("bytes")->Arg(200)->Arg(65'536);

}  // namespace
}  // namespace hugang::bench
