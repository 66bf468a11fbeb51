#include "tests/simulation/workload/setup.hpp"

#include <string>

#include "clearing/base/account_number.hpp"

namespace hugang::simulation {
namespace {

constexpr base::ParticipantId kNode{0};
constexpr base::ParticipantId kOperator{1};
constexpr std::uint32_t kCustomers = 3;
constexpr std::int64_t kIssuedMinor = 1'000'000;

struct AssetPlan {
  base::AssetId id;
  base::NodeId issuer;
  std::string code;
};

/// Each city issues one asset, the first also gold.
std::vector<AssetPlan> assets_of(std::size_t cities) {
  std::vector<AssetPlan> assets{{base::AssetId{1}, base::NodeId{1}, "CNY.D"},
                                {base::AssetId{2}, base::NodeId{2}, "HKD"},
                                {base::AssetId{3}, base::NodeId{1}, "XAU.G"}};
  for (std::uint32_t n = 3; n <= cities; ++n) {
    assets.push_back({base::AssetId{n + 1}, base::NodeId{n}, "AST." + std::to_string(n)});
  }
  return assets;
}

/// Does commands under ids that follow from node and position.
class Founder {
 public:
  Founder(City& city, Book& book) : city_{city}, book_{book} {}

  template <wire::IsRecord Record>
  wire::Outcome act(wire::CommandKind kind, base::ParticipantId caller, Record record) {
    record.id = base::CommandId{(base::u128{city_.id().value()} << 64) | ++count_};
    return act_at_once(city_, book_, kind, caller, record);
  }

  void register_all(const std::vector<AssetPlan>& assets) {
    wire::Genesis genesis;
    genesis.node = city_.id();
    HG_CHECK(genesis.code.assign("city-" + std::to_string(city_.id().value())));
    HG_CHECK(genesis.name.assign("City " + std::to_string(city_.id().value())));
    act(wire::CommandKind::kGenesis, kNode, genesis);
    for (std::uint32_t n = 0; n <= kCustomers; ++n) {
      wire::RegisterParticipant participant;
      participant.roles = n == 0 ? wire::role::kOperator : wire::role::kParticipant;
      HG_CHECK(participant.code.assign("P" + std::to_string(n + 1)));
      HG_CHECK(participant.name.assign("Participant " + std::to_string(n + 1)));
      act(wire::CommandKind::kRegisterParticipant, kNode, participant);
    }
    for (const AssetPlan& plan : assets) {
      wire::RegisterAsset asset;
      asset.asset = plan.id;
      asset.issuer = plan.issuer;
      asset.scale = 2;
      HG_CHECK(asset.code.assign(plan.code));
      act(wire::CommandKind::kRegisterAsset, kOperator, asset);
    }
    wire::RotateKey key;
    key.key = first_key(city_);
    act(wire::CommandKind::kRotateKey, kOperator, key);
  }

  void know(const City& peer) {
    wire::RegisterPeer record;
    record.peer = peer.id();
    HG_CHECK(record.code.assign("city-" + std::to_string(peer.id().value())));
    record.key = first_key(peer);
    act(wire::CommandKind::kRegisterPeer, kOperator, record);
  }

  base::AccountNumber open(wire::AccountKind kind, base::AssetId asset, base::ParticipantId owner,
                           base::NodeId peer = {}, std::uint32_t flags = 0) {
    wire::OpenAccount record;
    record.kind = kind;
    record.asset = asset;
    record.owner = owner;
    record.peer = peer;
    record.flags = flags;
    const auto outcome = act(wire::CommandKind::kOpenAccount, kOperator, record);
    const base::AccountNumber number{outcome.value};
    book_.accounts.push_back({city_.id(), number, owner, asset, kind});
    return number;
  }

  void open_accounts(const AssetPlan& plan, const Cities& cities) {
    const bool is_own = plan.issuer == city_.id();
    for (const auto& peer : cities) {
      if (peer->id() == city_.id() || (!is_own && peer->id() != plan.issuer)) continue;
      open(wire::AccountKind::kCorridor, plan.id, kOperator, peer->id());
    }
    base::AccountNumber reserve;
    if (is_own) reserve = open(wire::AccountKind::kReserve, plan.id, kOperator);
    for (std::uint32_t n = 2; n <= kCustomers + 1; ++n) {
      const std::uint32_t review = n == 4 ? wire::account_flag::kReviewIncoming : 0;
      const auto number = open(wire::AccountKind::kCustomer, plan.id, base::ParticipantId{n}, {},
                               wire::account_flag::kNoDebitBalance | review);
      if (!is_own) continue;
      wire::Transfer issue;
      issue.debit = reserve;
      issue.credit = number;
      issue.asset = plan.id;
      issue.amount_minor = kIssuedMinor;
      act(wire::CommandKind::kTransfer, kOperator, issue);
    }
  }

 private:
  static wire::KeyRecord first_key(const City& city) {
    return city.key_record(0, base::Timestamp{1}, base::Timestamp{INT64_MAX});
  }

  City& city_;
  Book& book_;
  std::uint64_t count_ = 0;
};

}  // namespace

void set_up(Cities& cities, Book& book) {
  const auto assets = assets_of(cities.size());
  for (const auto& city : cities) {
    Founder founder{*city, book};
    founder.register_all(assets);
    for (const auto& peer : cities) {
      if (peer != city) founder.know(*peer);
    }
    for (const AssetPlan& plan : assets) founder.open_accounts(plan, cities);
  }
}

}  // namespace hugang::simulation
