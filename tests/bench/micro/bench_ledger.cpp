#include "tests/bench/micro/bench_ledger.hpp"

#include <algorithm>
#include <span>

#include "clearing/base/account_number.hpp"
#include "clearing/base/check.hpp"
#include "crypto/digest.hpp"

namespace hugang::bench {
namespace {

constexpr base::NodeId kNode{1};
constexpr base::AssetId kAsset{1};
constexpr base::ParticipantId kBank{1};

/// Founds a ledger, one group after another.
class Founding {
 public:
  template <class Record>
  void add(wire::CommandKind kind, base::ParticipantId caller, Record record) {
    record.id = base::CommandId{++last_id_};
    section_.add(kind, caller, record);
  }
  [[nodiscard]] wire::BatchBuilder& section() { return section_; }

 private:
  wire::BatchBuilder section_;
  std::uint64_t last_id_ = 0;
};

void add_registers(Founding& founding) {
  const base::ParticipantId node{0};
  wire::Genesis genesis;
  genesis.node = kNode;
  HG_CHECK(genesis.code.assign("bench") && genesis.name.assign("Bench"));
  founding.add(wire::CommandKind::kGenesis, node, genesis);
  wire::RegisterParticipant bank;
  bank.roles = wire::role::kOperator | wire::role::kParticipant;
  HG_CHECK(bank.code.assign("bank") && bank.name.assign("Bank"));
  founding.add(wire::CommandKind::kRegisterParticipant, node, bank);
  wire::RegisterAsset asset;
  asset.asset = kAsset;
  asset.issuer = kNode;
  asset.scale = 2;
  HG_CHECK(asset.code.assign("CNY.D"));
  founding.add(wire::CommandKind::kRegisterAsset, kBank, asset);
}

}  // namespace

void Transfers::fill(std::vector<wire::Transfer>& records) {
  for (wire::Transfer& t : records) {
    t = wire::Transfer{};
    t.id = ids_ == Ids::kInOrder ? base::CommandId{++last_id_}
                                 : base::CommandId{base::make_u128(random_(), random_())};
    const auto debit = static_cast<std::uint32_t>(random_() % accounts_);
    const auto step = 1 + static_cast<std::uint32_t>(random_() % (accounts_ - 1));
    t.debit = base::make_account_number({kNode, base::AccountIndex{debit + 1}});
    t.credit =
        base::make_account_number({kNode, base::AccountIndex{((debit + step) % accounts_) + 1}});
    t.amount_minor = 1 + static_cast<std::int64_t>(random_() % 100'000);
    t.asset = kAsset;
  }
}

BenchLedger::BenchLedger(std::uint32_t accounts)
    : machine_{machine::Hashing{crypto::sha256, crypto::chain_next}} {
  Founding founding;
  add_registers(founding);
  for (std::uint32_t i = 0; i < accounts; ++i) {
    wire::OpenAccount open;
    open.owner = kBank;
    open.asset = kAsset;
    founding.add(wire::CommandKind::kOpenAccount, kBank, open);
    if (founding.section().command_count() < kBatch && i + 1 < accounts) continue;
    apply(founding.section().section());
    HG_CHECK(all_accepted());
    founding.section().clear();
  }
}

machine::EntryContext BenchLedger::next() const {
  const base::Timestamp first{1'767'225'600'000'000'000};
  const base::Timestamp last = std::max(machine_.state().last_at, first);
  return {.seqno = base::Seqno{machine_.state().last_seqno.value() + 1},
          .at = last + base::Duration::milliseconds(10)};
}

void BenchLedger::apply(base::ByteSpan section) {
  HG_CHECK(machine_.apply(next(), section, effects_).has_value());
}

bool BenchLedger::all_accepted() const {
  return std::ranges::all_of(effects_.outcomes, [](const wire::Outcome& outcome) {
    return outcome.code == machine::Code::kOk;
  });
}

wire::BatchBuilder section_of(const std::vector<wire::Transfer>& records) {
  wire::BatchBuilder section;
  section.add_group(wire::CommandKind::kTransfer, kBank, static_cast<std::uint32_t>(records.size()),
                    std::as_bytes(std::span{records}));
  return section;
}

}  // namespace hugang::bench
