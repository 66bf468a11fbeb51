// Core alone: Machine::apply on batches of 8,190 transfers with unique ids. No journal, no network.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "clearing/machine/machine.hpp"
#include "crypto/digest.hpp"

namespace {

using namespace hugang;

constexpr std::uint32_t kBatch = 8'190;

machine::Hashing hashing() { return {crypto::sha256, crypto::chain_next}; }

/// Every id of the benchmark is new: what is looked up here is another id of the same hash.
class OtherIds final : public machine::IdArchive {
  machine::IdLogLine line(std::uint64_t /*number*/) const override { return {}; }
};

/// A ledger with one bank that owns `accounts` accounts, each funded without bound.
class Bench {
 public:
  explicit Bench(std::uint32_t accounts) : machine_{hashing()}, account_count_{accounts} {
    machine_.attach_id_archive(std::make_shared<OtherIds>());
    wire::Genesis genesis;
    genesis.id = next_id();
    genesis.node = base::NodeId{1};
    (void)genesis.code.assign("bench");
    (void)genesis.name.assign("Bench");
    run(wire::CommandKind::kGenesis, 0, genesis);
    wire::RegisterAsset asset;
    asset.id = next_id();
    asset.asset = base::AssetId{1};
    asset.issuer = base::NodeId{1};
    asset.scale = 2;
    (void)asset.code.assign("CNY.D");
    run(wire::CommandKind::kRegisterAsset, 0, asset);
    wire::RegisterParticipant bank;
    bank.id = next_id();
    bank.roles = wire::role::kOperator | wire::role::kParticipant;
    (void)bank.code.assign("bank");
    (void)bank.name.assign("Bank");
    run(wire::CommandKind::kRegisterParticipant, 0, bank);
    for (std::uint32_t i = 0; i < accounts; ++i) {
      wire::OpenAccount open;
      open.id = next_id();
      open.owner = base::ParticipantId{1};
      open.asset = base::AssetId{1};
      builder_.add(wire::CommandKind::kOpenAccount, base::ParticipantId{1}, open);
      if (builder_.command_count() == kBatch || i + 1 == accounts) apply_builder();
    }
  }

  /// Fills the transfers of one batch; random pairs of accounts.
  void fill(bool random_ids) {
    transfers_.resize(kBatch);
    for (wire::Transfer& t : transfers_) {
      t.id = random_ids ? base::CommandId{base::make_u128(random_(), random_())} : next_id();
      const auto debit = static_cast<std::uint32_t>(random_() % account_count_);
      const auto credit =
          (debit + 1 + static_cast<std::uint32_t>(random_() % (account_count_ - 1))) %
          account_count_;
      t.debit = base::make_account_number({base::NodeId{1}, base::AccountIndex{debit + 1}});
      t.credit = base::make_account_number({base::NodeId{1}, base::AccountIndex{credit + 1}});
      t.amount_minor = 1 + static_cast<std::int64_t>(random_() % 100'000);
      t.asset = base::AssetId{1};
    }
    builder_.clear();
    builder_.add_group(wire::CommandKind::kTransfer, base::ParticipantId{1}, kBatch,
                       std::as_bytes(std::span{transfers_}));
  }

  void apply_builder() {
    at_ = at_ + base::Duration::milliseconds(10);
    const auto done = machine_.apply({base::Seqno{machine_.state().last_seqno.value() + 1}, at_},
                                     builder_.section(), effects_);
    if (!done) std::abort();
    builder_.clear();
  }
  [[nodiscard]] bool all_accepted() const {
    return std::ranges::all_of(effects_.outcomes,
                               [](const auto& o) { return o.code == machine::Code::kOk; });
  }
  /// As after a checkpoint: what was handed over lies in the archive.
  void release_ids() {
    (void)machine_.take_new_id_blocks();
    machine_.release_taken_id_blocks();
  }

 private:
  base::CommandId next_id() { return base::CommandId{++last_id_}; }

  template <class Record>
  void run(wire::CommandKind kind, std::uint32_t caller, const Record& record) {
    builder_.add(kind, base::ParticipantId{caller}, record);
    apply_builder();
    if (!all_accepted()) std::abort();
  }

  machine::Machine machine_;
  std::uint32_t account_count_;
  wire::BatchBuilder builder_;
  machine::Effects effects_;
  std::vector<wire::Transfer> transfers_;
  std::mt19937_64 random_{42};
  std::uint64_t last_id_ = 0;
  base::Timestamp at_{1'000'000'000};
};

void apply_transfers(benchmark::State& state) {
  Bench bench{static_cast<std::uint32_t>(state.range(0))};
  const bool random_ids = state.range(1) != 0;
  for (auto _ : state) {
    state.PauseTiming();
    bench.fill(random_ids);
    bench.release_ids();
    state.ResumeTiming();
    bench.apply_builder();
    if (!bench.all_accepted()) state.SkipWithError("a transfer was refused");
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(apply_transfers)
    ->ArgNames({"accounts", "random_ids"})
    ->Args({10'000, 0})
    ->Args({10'000, 1})
    ->Args({1'000'000, 0})
    ->Args({1'000'000, 1})
    ->Iterations(400)
    ->Repetitions(5)
    ->ReportAggregatesOnly(true)
    ->Unit(benchmark::kMillisecond);

}  // namespace
