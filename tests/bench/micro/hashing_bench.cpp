// What hashing costs: of a record (is it a retry?), of an entry (is it damaged?), of messages.
#include <benchmark/benchmark.h>

#include "clearing/machine/fingerprint.hpp"
#include "crypto/digest.hpp"
#include "ledger/entry.hpp"

namespace hugang::bench {
namespace {

base::Bytes payload_of(const benchmark::State& state) {
  return base::Bytes(static_cast<std::size_t>(state.range(0)), std::byte{0x5A});
}

void count(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// range(0) is 96 for a transfer's record.
void fingerprint(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  std::uint64_t seed = 0;
  for (auto _ : state) seed = machine::fingerprint_bytes(payload, seed);
  benchmark::DoNotOptimize(seed);
  count(state);
}
BENCHMARK(fingerprint)->ArgName("bytes")->Arg(48)->Arg(96);

/// An entry of one transfer, and one of 8,190.
void entry_checksum(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(ledger::checksum_of(payload));
  count(state);
}
BENCHMARK(entry_checksum)->ArgName("bytes")->Arg(152)->Arg(983'000);

void sha256(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sha256(payload));
  count(state);
}
BENCHMARK(sha256)->ArgName("bytes")->Arg(64)->Arg(200)->Arg(4'096)->Arg(1 << 20);

void sm3(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sm3(payload));
  count(state);
}
BENCHMARK(sm3)->ArgName("bytes")->Arg(64)->Arg(200)->Arg(4'096)->Arg(1 << 20);

void chain_next(benchmark::State& state) {
  const base::Bytes payload = payload_of(state);
  base::Digest chain;
  for (auto _ : state) chain = crypto::chain_next(chain, payload);
  benchmark::DoNotOptimize(chain);
  count(state);
}
BENCHMARK(chain_next)->ArgName("bytes")->Arg(200)->Arg(4'096);

}  // namespace
}  // namespace hugang::bench
