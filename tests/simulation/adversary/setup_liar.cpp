#include "tests/simulation/adversary/setup_liar.hpp"

#include <set>

#include "clearing/base/account_number.hpp"
#include "tests/simulation/workload/setup.hpp"

namespace hugang::simulation {
namespace {

constexpr base::ParticipantId kOperator{1};
constexpr std::uint32_t kCustomers = 3;
constexpr std::uint32_t kAccountsAtLiar = 2;  ///< of each asset

class Introduction {
 public:
  Introduction(City& city, Book& book) : city_{city}, book_{book} {}

  template <wire::IsRecord Record>
  wire::Outcome act(wire::CommandKind kind, Record record) {
    // Beside the ids of set_up, which count from 1.
    record.id = base::CommandId{(base::u128{city_.id().value()} << 64) | (1'000'000 + ++count_)};
    return act_at_once(city_, book_, kind, kOperator, record);
  }

  void know(const Liar& liar) {
    wire::RegisterAsset asset;
    asset.asset = asset_of_liar();
    asset.issuer = liar.id();
    asset.scale = 2;
    HG_CHECK(asset.code.assign("LIE"));
    act(wire::CommandKind::kRegisterAsset, asset);
    wire::RegisterPeer peer;
    peer.peer = liar.id();
    HG_CHECK(peer.code.assign("liar"));
    peer.key = liar.key_record(Liar::kFirst, base::Timestamp{1}, base::Timestamp{INT64_MAX});
    act(wire::CommandKind::kRegisterPeer, peer);
  }

  void open(wire::AccountKind kind, base::AssetId asset, base::ParticipantId owner,
            base::NodeId peer, std::uint32_t flags) {
    wire::OpenAccount record;
    record.kind = kind;
    record.asset = asset;
    record.owner = owner;
    record.peer = peer;
    record.flags = flags;
    const auto outcome = act(wire::CommandKind::kOpenAccount, record);
    book_.accounts.push_back({city_.id(), base::AccountNumber{outcome.value}, owner, asset, kind});
  }

  void open_accounts(base::NodeId liar) {
    open(wire::AccountKind::kCorridor, asset_of_liar(), kOperator, liar, 0);
    for (const auto& [id, asset] : city_.state().assets) {
      if (asset.issuer != city_.id()) continue;
      open(wire::AccountKind::kCorridor, id, kOperator, liar, 0);
    }
    for (std::uint32_t n = 2; n <= kCustomers + 1; ++n) {
      const std::uint32_t review = n == 4 ? wire::account_flag::kReviewIncoming : 0;
      open(wire::AccountKind::kCustomer, asset_of_liar(), base::ParticipantId{n}, {},
           wire::account_flag::kNoDebitBalance | review);
    }
  }

 private:
  City& city_;
  Book& book_;
  std::uint64_t count_ = 0;
};

}  // namespace

base::AssetId asset_of_liar() { return base::AssetId{90}; }

void set_up_liar(Cities& cities, Liar& liar, Book& book) {
  std::set<base::AssetId> assets{asset_of_liar()};
  for (const auto& city : cities) {
    Introduction introduction{*city, book};
    introduction.know(liar);
    introduction.open_accounts(liar.id());
    for (const auto& [id, asset] : city->state().assets) assets.insert(id);
    liar.meet(city->id(), city->key_record(0, base::Timestamp{1}, base::Timestamp{INT64_MAX}));
  }
  std::uint32_t index = 0;
  for (const base::AssetId asset : assets) {
    for (std::uint32_t n = 0; n < kAccountsAtLiar; ++n) {
      const auto number = base::make_account_number({liar.id(), base::AccountIndex{++index}});
      book.accounts.push_back({.city = liar.id(),
                               .number = number,
                               .owner = base::ParticipantId{2},
                               .asset = asset,
                               .kind = wire::AccountKind::kCustomer});
    }
  }
  book.liar = liar.id();
}

}  // namespace hugang::simulation
