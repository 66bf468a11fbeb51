#include "tests/simulation/disk/history.hpp"

#include "crypto/digest.hpp"

namespace hugang::simulation {
namespace {

constexpr base::AssetId kAsset{1};
constexpr base::ParticipantId kOperator{1};
constexpr std::uint32_t kAccounts = 24;  // account 1 is the reserve
constexpr std::int64_t kEachMinor = 1'000'000;

base::AccountNumber account(std::uint32_t index) {
  return base::make_account_number({kDiskNode, base::AccountIndex{index}});
}

template <std::size_t N>
wire::FixedText<N> text(std::string_view value) {
  wire::FixedText<N> fixed;
  HG_CHECK(fixed.assign(value));
  return fixed;
}

}  // namespace

machine::Hashing disk_hashing() {
  return {.sha256 = crypto::sha256, .chain_next = crypto::chain_next};
}

History::History(std::uint64_t seed)
    : random_{seed ^ 0x4157'4157'4157'4157ULL}, machine_{disk_hashing()} {
  digests_.push_back(ledger::state_digest(machine_.state()));
}

void History::add_founding() {
  wire::Genesis genesis;
  genesis.id = base::CommandId{random_.next_id()};
  genesis.node = kDiskNode;
  genesis.code = text<16>("shanghai");
  genesis.name = text<64>("Shanghai 上海");
  batch_.add(wire::CommandKind::kGenesis, base::ParticipantId{}, genesis);
  wire::RegisterParticipant participant;
  participant.id = base::CommandId{random_.next_id()};
  participant.roles = wire::role::kOperator | wire::role::kParticipant;
  participant.code = text<16>("operator");
  participant.name = text<72>("The operator");
  batch_.add(wire::CommandKind::kRegisterParticipant, base::ParticipantId{}, participant);
  wire::RegisterAsset asset;
  asset.id = base::CommandId{random_.next_id()};
  asset.asset = kAsset;
  asset.issuer = kDiskNode;
  asset.scale = 2;
  asset.code = text<8>("CNY.D");
  batch_.add(wire::CommandKind::kRegisterAsset, kOperator, asset);
  for (std::uint32_t i = 1; i <= kAccounts; ++i) {
    wire::OpenAccount open;
    open.id = base::CommandId{random_.next_id()};
    open.owner = kOperator;
    open.asset = kAsset;
    open.kind = i == 1 ? wire::AccountKind::kReserve : wire::AccountKind::kCustomer;
    open.flags = i == 1 ? 0 : wire::account_flag::kNoDebitBalance;
    batch_.add(wire::CommandKind::kOpenAccount, kOperator, open);
  }
  for (std::uint32_t i = 2; i <= kAccounts; ++i) {
    wire::Transfer issue;
    issue.id = base::CommandId{random_.next_id()};
    issue.debit = account(1);
    issue.credit = account(i);
    issue.amount_minor = kEachMinor;
    issue.asset = kAsset;
    batch_.add(wire::CommandKind::kTransfer, kOperator, issue);
  }
}

void History::add_payment() {
  wire::Transfer transfer;
  transfer.id = base::CommandId{random_.next_id()};
  transfer.debit = account(static_cast<std::uint32_t>(random_.between(2, kAccounts)));
  transfer.credit = account(static_cast<std::uint32_t>(random_.between(2, kAccounts)));
  transfer.amount_minor = random_.between(1, kEachMinor / 2);
  transfer.asset = kAsset;
  if (random_.chance(100)) transfer.flags = wire::transfer_flag::kHold;
  batch_.add(wire::CommandKind::kTransfer, kOperator, transfer);
}

const base::Bytes& History::make(std::uint32_t commands) {
  HG_CHECK(commands > 0);
  const machine::State& state = machine_.state();
  const bool is_first = state.last_seqno.is_none();
  if (is_first) add_founding();
  for (std::uint32_t i = 0; i < commands && !is_first; ++i) add_payment();
  const machine::EntryContext context{
      .seqno = base::Seqno{state.last_seqno.value() + 1},
      .at = state.last_at + base::Duration::milliseconds(random_.between(1, 50))};
  HG_CHECK(machine_.apply(context, batch_.section(), effects_).has_value());
  if (is_first) {
    for (const auto& outcome : effects_.outcomes) HG_CHECK(outcome.code == machine::Code::kOk);
  }
  entries_.push_back(ledger::encode_entry(context, kDiskNode, checksum(size()), batch_, effects_));
  digests_.push_back(ledger::state_digest(machine_.state()));
  batch_.clear();
  return entries_.back();
}

ledger::Checksum History::checksum(std::uint64_t seqno) const {
  if (seqno == 0) return {};
  return ledger::read_entry_head(entry(seqno))->head_checksum;
}

void History::go_on_from(std::uint64_t seqno, machine::Machine machine) {
  HG_CHECK(seqno <= size());
  HG_CHECK(machine.state().last_seqno.value() == seqno);
  entries_.resize(seqno);
  digests_.resize(seqno + 1);
  machine_ = std::move(machine);
}

ledger::Checkpoint History::checkpoint() { return make_checkpoint(machine_, checksum(size())); }

}  // namespace hugang::simulation
