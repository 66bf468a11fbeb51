// What digests, signatures and envelopes cost. Run from a release build; one thread.
#include <benchmark/benchmark.h>

#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"

namespace hugang::crypto {
namespace {

base::Bytes payload_of(const benchmark::State& state) {
  return base::Bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5A});
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void BM_Sha256(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(sha256(payload));
  count(state);
}
BENCHMARK(BM_Sha256)->Arg(64)->Arg(200)->Arg(4096)->Arg(1 << 20);

void BM_Sm3(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(sm3(payload));
  count(state);
}
BENCHMARK(BM_Sm3)->Arg(200)->Arg(1 << 20);

void BM_ChainNext(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  base::Digest chain;
  for (auto _ : state) chain = chain_next(chain, payload);
  benchmark::DoNotOptimize(chain);
  count(state);
}
BENCHMARK(BM_ChainNext)->Arg(200)->Arg(4096);

void BM_Seal(benchmark::State& state, Suite suite) {
  const PrivateKey key = PrivateKey::generate(suite);
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(seal(key, payload));
  count(state);
}
BENCHMARK_CAPTURE(BM_Seal, ed25519, Suite::kEd25519)->Arg(200)->Arg(65536);
BENCHMARK_CAPTURE(BM_Seal, sm2_sm3, Suite::kSm2Sm3)->Arg(200)->Arg(65536);

void BM_Check(benchmark::State& state, Suite suite) {
  const PrivateKey key = PrivateKey::generate(suite);
  const SignedEnvelope envelope = seal(key, payload_of(state));
  for (auto _ : state) {
    HG_CHECK(check(key.public_key(), wire::view_of(envelope)).has_value());
  }
  count(state);
}
BENCHMARK_CAPTURE(BM_Check, ed25519, Suite::kEd25519)->Arg(200)->Arg(65536);
BENCHMARK_CAPTURE(BM_Check, sm2_sm3, Suite::kSm2Sm3)->Arg(200)->Arg(65536);

void BM_EncodeEnvelope(benchmark::State& state) {
  const PrivateKey key = PrivateKey::generate(Suite::kEd25519);
  const SignedEnvelope envelope = seal(key, payload_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(wire::encode_envelope(envelope));
  count(state);
}
BENCHMARK(BM_EncodeEnvelope)->Arg(200)->Arg(65536);

}  // namespace
}  // namespace hugang::crypto
