#include "clients/hugang/iso_payment.hpp"

#include "clearing/base/account_number.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/hugang/fetch.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

using Refusal = std::unexpected<Objection>;

Refusal object(const char* reason, std::string sentence) {
  return Refusal{Objection{.reason = reason, .sentence = std::move(sentence)}};
}

/// The asset whose code is `code`, or the only one whose code is `code`.something.
const v1::Asset* asset_for(std::string_view code, const AssetBook& assets) {
  const v1::Asset* found = nullptr;
  for (const v1::Asset& asset : assets.assets()) {
    if (asset.code() == code) return &asset;
    if (!asset.code().starts_with(std::string{code} + ".")) continue;
    if (found != nullptr) return nullptr;
    found = &asset;
  }
  return found;
}

/// `amount` of `decimals` decimals in minor units of the asset, exactly or not at all.
std::optional<base::Amount> rescaled(base::Amount amount, std::uint32_t decimals,
                                     std::uint32_t scale) {
  std::int64_t minor = amount.minor();
  for (; decimals < scale; ++decimals) {
    if (minor > base::Amount::kMaxMinor / 10) return std::nullopt;
    minor *= 10;
  }
  for (; decimals > scale; --decimals) {
    if (minor % 10 != 0) return std::nullopt;
    minor /= 10;
  }
  const auto result = base::Amount::from_minor(minor);
  return result ? std::optional{*result} : std::nullopt;
}

std::expected<std::uint64_t, Objection> ledger_account(const iso20022::Account& account,
                                                       const char* reason, const char* whose) {
  const auto number = format::parse_account(account.other);
  if (number) return number->value();
  return object(reason, std::string{whose} +
                            " account in Othr/Id must be a ledger account number with right check "
                            "digits, not '" +
                            account.id() + "'");
}

v1::Party party_of(const iso20022::Party& party, const iso20022::Account& account,
                   const iso20022::Agent& agent) {
  v1::Party result;
  result.set_name(party.name);
  result.set_lei(party.lei);
  result.set_bic(party.bic.empty() ? agent.bic : party.bic);
  result.set_account(account.id());
  for (const auto& line : party.address.lines) result.add_address(line);
  result.set_country(party.address.country);
  return result;
}

v1::Party party_of(const iso20022::Agent& agent, const iso20022::Account& account) {
  v1::Party result;
  result.set_name(agent.name);
  result.set_lei(agent.lei);
  result.set_bic(agent.bic);
  result.set_account(account.id());
  result.set_country(agent.address.country);
  return result;
}

v1::PaymentDetails details_of(const iso20022::TransferTerms& terms) {
  v1::PaymentDetails details;
  details.set_instruction_id(terms.ids.instruction_id);
  details.set_end_to_end_id(terms.ids.end_to_end_id);
  details.set_purpose_code(terms.purpose);
  for (const auto& line : terms.remittance) details.add_remittance(line);
  return details;
}

/// Midnight UTC of "YYYY-MM-DD"; 0, the time of recording, where there is none.
std::int64_t value_date_ns(const std::string& date) {
  const auto at = format::parse_time(date + "T00:00:00Z");
  return at ? at->ns() : 0;
}

std::expected<v1::Leg, Objection> gold_leg(const iso20022::GoldLeg& gold, std::uint32_t own_node,
                                           const AssetBook& assets) {
  const auto from = format::parse_account(gold.delivering_account);
  const auto to = format::parse_account(gold.receiving_account);
  if (!from || !to) {
    return object("NARR",
                  "name both gold accounts by their ledger numbers in DlvrgAcct and RcvgAcct");
  }
  const auto amount = gold_of(gold, assets);
  if (!amount) return Refusal{amount.error()};
  const bool we_deliver = node_of_account(from->value()) == own_node;
  v1::Leg leg;
  leg.set_initiator_account(we_deliver ? from->value() : to->value());
  leg.set_responder_account(we_deliver ? to->value() : from->value());
  leg.set_direction(we_deliver ? v1::LEG_DIRECTION_OUT : v1::LEG_DIRECTION_IN);
  leg.set_asset(amount->asset);
  leg.set_amount_minor(amount->amount.minor());
  return leg;
}

}  // namespace

base::CommandId derived_id(std::string_view text) {
  // FNV-1a with 128 bits: offset basis and prime as its authors publish them.
  base::u128 hash = base::make_u128(0x6c62272e07bb0142ULL, 0x62b821756295c58dULL);
  const base::u128 prime = base::make_u128(0x0000000001000000ULL, 0x000000000000013bULL);
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= prime;
  }
  hash &= ~(base::u128{0xF} << 76);
  hash |= base::u128{8} << 76;
  hash &= ~(base::u128{3} << 62);
  hash |= base::u128{2} << 62;
  return base::CommandId{hash};
}

base::CommandId payment_id(const iso20022::PaymentIds& ids, std::string_view message_id) {
  if (const auto uetr = format::parse_uuid(ids.uetr)) return *uetr;
  // A line end stands in no identifier, so no two lists of ids give one text.
  return derived_id(std::string{message_id} + "\n" + ids.instruction_id + "\n" +
                    ids.transaction_id + "\n" + ids.end_to_end_id);
}

std::expected<AssetAmount, Objection> settle_in(const iso20022::Money& money,
                                                const AssetBook& assets) {
  const v1::Asset* asset = asset_for(money.currency, assets);
  if (asset == nullptr) {
    return object("AM03", "this node settles no asset for the currency " + money.currency);
  }
  const auto amount = rescaled(money.amount, money.decimals, asset->scale());
  if (!amount) return object("AM12", "the amount has more decimals than " + asset->code());
  return AssetAmount{.asset = asset->id(), .amount = *amount};
}

std::expected<AssetAmount, Objection> gold_of(const iso20022::GoldLeg& gold,
                                              const AssetBook& assets) {
  // 0.1 mg is 10^-4 g: grams with four decimals.
  constexpr std::uint32_t kGoldDecimals = 4;
  const v1::Asset* asset = asset_for("XAU", assets);
  if (asset == nullptr) return object("AM03", "this node settles no gold");
  const auto amount = rescaled(gold.tenth_milligrams, kGoldDecimals, asset->scale());
  if (!amount) return object("AM12", "the weight has more decimals than " + asset->code());
  return AssetAmount{.asset = asset->id(), .amount = *amount};
}

std::expected<PaymentRequest, Objection> request_of(const iso20022::TransferTerms& terms,
                                                    const v1::PaymentDetails& details,
                                                    base::CommandId id, const AssetBook& assets) {
  const auto from = ledger_account(terms.debtor_account, "AC02", "the debtor's");
  if (!from) return Refusal{from.error()};
  const auto to = ledger_account(terms.creditor_account, "AC03", "the creditor's");
  if (!to) return Refusal{to.error()};
  const auto money = settle_in(terms.settlement, assets);
  if (!money) return Refusal{money.error()};

  const std::uint32_t own_node = node_of_account(*from);
  if (own_node == node_of_account(*to)) {
    if (terms.gold) {
      return object("NARR",
                    "gold against payment settles between two nodes; these accounts are of one");
    }
    v1::SubmitRequest request;
    v1::Transfer& transfer = *request.mutable_transfer();
    *transfer.mutable_id() = client::to_proto(id);
    transfer.set_debit_account(*from);
    transfer.set_credit_account(*to);
    transfer.set_asset(money->asset);
    transfer.set_amount_minor(money->amount.minor());
    transfer.set_value_date_ns(value_date_ns(terms.settlement_date));
    return request;
  }
  v1::InstructRequest request;
  *request.mutable_id() = client::to_proto(id);
  request.set_responder_node(node_of_account(*to));
  request.set_kind(terms.gold ? v1::SETTLEMENT_KIND_DVP : v1::SETTLEMENT_KIND_PAYMENT);
  request.set_value_date_ns(value_date_ns(terms.settlement_date));
  *request.mutable_details() = details;
  v1::Leg& leg = *request.add_legs();
  leg.set_initiator_account(*from);
  leg.set_responder_account(*to);
  leg.set_direction(v1::LEG_DIRECTION_OUT);
  leg.set_asset(money->asset);
  leg.set_amount_minor(money->amount.minor());
  if (terms.gold) {
    const auto gold = gold_leg(*terms.gold, own_node, assets);
    if (!gold) return Refusal{gold.error()};
    *request.add_legs() = *gold;
  }
  return request;
}

v1::PaymentDetails details_of(const iso20022::CustomerTransfer& transfer) {
  v1::PaymentDetails details = details_of(transfer.terms);
  *details.mutable_debtor() =
      party_of(transfer.debtor, transfer.terms.debtor_account, transfer.terms.debtor_agent);
  *details.mutable_creditor() =
      party_of(transfer.creditor, transfer.terms.creditor_account, transfer.terms.creditor_agent);
  return details;
}

v1::PaymentDetails details_of(const iso20022::InstitutionTransfer& transfer) {
  v1::PaymentDetails details = details_of(transfer.terms);
  *details.mutable_debtor() = party_of(transfer.debtor, transfer.terms.debtor_account);
  *details.mutable_creditor() = party_of(transfer.creditor, transfer.terms.creditor_account);
  return details;
}

}  // namespace hugang::program
