#include "services/edge/convert_account.hpp"

#include <algorithm>

#include "clearing/base/account_number.hpp"
#include "services/edge/decimal.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

constexpr std::uint32_t kPageDefault = 100;
constexpr std::uint32_t kPageMax = 1'000;

wire::AccountKind kind_of(v1::AccountKind kind, FieldReader& fields) {
  switch (kind) {
    case v1::ACCOUNT_KIND_CUSTOMER:
      return wire::AccountKind::kCustomer;
    case v1::ACCOUNT_KIND_RESERVE:
      return wire::AccountKind::kReserve;
    case v1::ACCOUNT_KIND_CORRIDOR:
      return wire::AccountKind::kCorridor;
    case v1::ACCOUNT_KIND_UNSPECIFIED:
      fields.fail(Failure{EdgeError::kFieldMissing, "kind"});
      return wire::AccountKind::kCustomer;
    default:
      fields.fail(
          Failure{EdgeError::kChoiceUnknown, "kind"}.with("got", std::to_string(int{kind})));
      return wire::AccountKind::kCustomer;
  }
}

v1::AccountKind to_message(wire::AccountKind kind) {
  switch (kind) {
    case wire::AccountKind::kCustomer:
      return v1::ACCOUNT_KIND_CUSTOMER;
    case wire::AccountKind::kReserve:
      return v1::ACCOUNT_KIND_RESERVE;
    case wire::AccountKind::kCorridor:
      return v1::ACCOUNT_KIND_CORRIDOR;
  }
  return v1::ACCOUNT_KIND_UNSPECIFIED;
}

}  // namespace

CommandOrFailure to_command(const v1::OpenAccountRequest& request, const Caller& caller) {
  FieldReader fields;
  wire::OpenAccount record;
  record.id = fields.id("id", request.id());
  record.owner = request.owner() == 0 ? caller.participant() : base::ParticipantId{request.owner()};
  record.asset = fields.needed<base::AssetId>("asset", request.asset());
  record.kind = kind_of(request.kind(), fields);
  record.peer = base::NodeId{request.peer_node()};
  if (record.kind == wire::AccountKind::kCorridor) {
    record.peer = fields.needed<base::NodeId>("peer_node", request.peer_node());
  } else if (request.peer_node() != 0) {
    fields.fail(
        Failure{EdgeError::kFieldNotAllowed, "peer_node"}.with("limit", "corridor accounts only"));
  }
  record.alias = fields.text<24>("alias", request.alias());
  const bool is_customer = record.kind == wire::AccountKind::kCustomer;
  if (is_customer && !request.allow_debit_balance()) {
    record.flags |= wire::account_flag::kNoDebitBalance;
  }
  if (request.review_incoming()) record.flags |= wire::account_flag::kReviewIncoming;
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return one_command(wire::CommandKind::kOpenAccount, record);
}

AccountFacts account_facts(const machine::State& state, base::AccountIndex index) {
  AccountFacts facts;
  facts.number = state.number_of(index);
  facts.account = state.account(index);
  facts.alias = state.aliases[index.value() - 1];
  if (const auto* owner = state.participant(facts.account.owner)) facts.owner_code = owner->code;
  return facts;
}

void fill(const AccountFacts& facts, v1::Account& message) {
  const machine::Account& account = facts.account;
  const machine::Balance& balance = account.balance;
  message.set_number(facts.number.value());
  message.set_owner(account.owner.value());
  message.set_owner_code(std::string{facts.owner_code.view()});
  message.set_asset(account.asset.value());
  message.set_kind(to_message(account.kind));
  message.set_alias(std::string{facts.alias.view()});
  message.set_frozen(account.has(wire::account_flag::kFrozen));
  message.set_closed(account.has(wire::account_flag::kClosed));
  message.set_review_incoming(account.has(wire::account_flag::kReviewIncoming));
  message.set_no_debit_balance(account.has(wire::account_flag::kNoDebitBalance));
  message.set_no_credit_balance(account.has(wire::account_flag::kNoCreditBalance));
  message.set_peer_node(account.peer.value());
  message.set_debits_posted_minor(to_decimal(balance.debits_posted));
  message.set_credits_posted_minor(to_decimal(balance.credits_posted));
  message.set_debits_pending_minor(to_decimal(balance.debits_pending));
  message.set_credits_pending_minor(to_decimal(balance.credits_pending));
  message.set_balance_minor(to_decimal(difference(balance.credits_posted, balance.debits_posted)));
  message.set_available_minor(to_decimal(
      difference(balance.credits_posted, balance.debits_posted + balance.debits_pending)));
  message.set_opened_at_ns(account.opened_at.ns());
}

std::optional<AccountFacts> visible_account(const machine::State& state, base::AccountNumber number,
                                            const Caller& caller) {
  const auto parts = base::parse_account_number(number);
  if (!parts || parts->node != state.self) return std::nullopt;
  if (parts->index.value() > state.accounts.size()) return std::nullopt;
  if (!caller.sees(state.account(parts->index).owner)) return std::nullopt;
  return account_facts(state, parts->index);
}

std::expected<AccountPage, Failure> to_page(const v1::ListAccountsRequest& request,
                                            const Caller& caller) {
  FieldReader fields;
  AccountPage page;
  page.size = request.page_size() == 0
                  ? kPageDefault
                  : fields.number("page_size", request.page_size(), 1, kPageMax);
  page.owner = base::ParticipantId{request.owner()};
  if (!caller.sees_everything()) {
    if (page.owner.is_none()) page.owner = caller.participant();
    if (page.owner != caller.participant()) fields.fail(Failure{EdgeError::kNotFound, "owner"});
  }
  if (request.after_number() != 0) {
    const auto parts = base::parse_account_number(base::AccountNumber{request.after_number()});
    if (parts) page.after = parts->index;
    if (!parts) {
      fields.fail(Failure{EdgeError::kNumberOutOfRange, "after_number"}
                      .with("limit", "an account number of this node")
                      .with("got", std::to_string(request.after_number())));
    }
  }
  if (fields.has_failed()) return std::unexpected{fields.failure()};
  return page;
}

void look_for_accounts(const machine::State& state, const AccountPage& page, AccountList& list) {
  const auto count = static_cast<std::uint32_t>(state.accounts.size());
  std::uint32_t index = list.last_looked_at.value();
  const std::uint32_t end = count - std::min(count, index) > kAccountsPerLook
                                ? index + kAccountsPerLook
                                : std::max(count, index);
  while (index < end && list.accounts.size() < page.size) {
    ++index;
    const base::AccountIndex here{index};
    if (page.owner.is_none() || state.account(here).owner == page.owner) {
      list.accounts.push_back(account_facts(state, here));
    }
  }
  list.last_looked_at = base::AccountIndex{index};
  list.has_more = index < count;
  list.is_complete = list.accounts.size() == page.size || !list.has_more;
}

std::vector<AssetFacts> asset_facts(const machine::State& state) {
  std::vector<AssetFacts> all;
  for (const auto& [id, asset] : state.assets) {
    AssetFacts facts{.asset = asset, .issued_minor = std::nullopt};
    if (asset.issuer == state.self) {
      // What was issued is what the reserve was debited with.
      facts.issued_minor = base::i128{0};
      if (!asset.reserve.is_none()) {
        const machine::Balance& reserve = state.account(asset.reserve).balance;
        facts.issued_minor = difference(reserve.debits_posted, reserve.credits_posted);
      }
    }
    all.push_back(facts);
  }
  return all;
}

void fill(const AssetFacts& facts, v1::Asset& message) {
  message.set_id(facts.asset.id.value());
  message.set_code(std::string{facts.asset.code.view()});
  message.set_issuer_node(facts.asset.issuer.value());
  message.set_scale(facts.asset.scale);
  if (facts.issued_minor) message.set_issued_minor(to_decimal(*facts.issued_minor));
}

}  // namespace hugang::edge
