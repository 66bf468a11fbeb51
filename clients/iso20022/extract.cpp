#include "clients/iso20022/extract.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "clients/iso20022/currency.hpp"
#include "clients/iso20022/value_form.hpp"

namespace hugang::iso20022 {
namespace {

constexpr std::string_view kGoldNamespace = "urn:hugang:xml:gold:1";
constexpr std::uint32_t kGoldDecimalsMax = 9;

/// How many decimals a quantity in this unit may have to be whole tenths of a milligram. KGM, GRM
/// and MGM are the codes of UN/ECE Recommendation 20; DMG is ours: a tenth of a milligram.
std::optional<std::uint32_t> gold_decimals(std::string_view unit) {
  if (unit == "KGM") return 7;
  if (unit == "GRM") return 4;
  if (unit == "MGM") return 1;
  if (unit == "DMG") return 0;
  return std::nullopt;
}
static_assert(kGoldDecimalsMax >= 7);

void refuse_gold(const xmlNode* at, std::string sentence, Extraction& state) {
  state.refuse(at, ReadErrorCode::kBadGold, "FF01", std::move(sentence));
}

std::string gold_account(const xmlNode* node, Extraction& state) {
  std::string text{trimmed(text_of(node))};
  if (first_element(node) != nullptr || text.empty() || count_code_points(text) > 34) {
    refuse_gold(node, "a gold account is 1 to 34 characters", state);
  }
  return text;
}

/// <Gold><GoldQty Unt="GRM">100.5</GoldQty><DlvrgAcct/>?<RcvgAcct/>?</Gold>, in this order.
GoldLeg read_gold(const xmlNode* gold, Extraction& state) {
  GoldLeg leg;
  const xmlNode* part = first_element(gold);
  if (name_of(gold) != "Gold" || part == nullptr || name_of(part) != "GoldQty" ||
      namespace_of(part) != kGoldNamespace) {
    refuse_gold(gold, "gold data is an element Gold that begins with GoldQty", state);
    return leg;
  }
  const std::string unit = attribute_of(part, "Unt");
  const auto decimals = gold_decimals(unit);
  if (!decimals || first_element(part) != nullptr) {
    refuse_gold(part, "Unt is " + quoted(unit) + " but must be KGM, GRM, MGM or DMG", state);
    return leg;
  }
  const std::string text = text_of(part);
  const auto quantity = parse_decimal(trimmed(text), *decimals);
  if (!quantity || quantity->is_zero()) {
    refuse_gold(part,
                "the quantity " + quoted(text) + " is not a positive number of " + unit + " with " +
                    std::to_string(*decimals) + " decimals at most",
                state);
    return leg;
  }
  leg.tenth_milligrams = *quantity;
  part = next_element(part);
  const auto take = [&part](std::string_view name) {
    const bool is_it =
        part != nullptr && name_of(part) == name && namespace_of(part) == kGoldNamespace;
    const xmlNode* taken = is_it ? part : nullptr;
    if (is_it) part = next_element(part);
    return taken;
  };
  if (const xmlNode* node = take("DlvrgAcct")) leg.delivering_account = gold_account(node, state);
  if (const xmlNode* node = take("RcvgAcct")) leg.receiving_account = gold_account(node, state);
  if (part != nullptr) refuse_gold(part, "this element is not known in gold data", state);
  return leg;
}

std::string as_xml(const xmlNode* node) {
  struct BufferDeleter {
    void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
  };
  const std::unique_ptr<xmlBuffer, BufferDeleter> buffer{xmlBufferCreate()};
  // The function only reads the node; its signature is older than const.
  if (buffer == nullptr ||
      xmlNodeDump(buffer.get(), node->doc, const_cast<xmlNode*>(node), 0, 0) < 0) {
    return {};
  }
  return std::string{view(xmlBufferContent(buffer.get()))};
}

}  // namespace

void Extraction::refuse(const xmlNode* at, ReadErrorCode code, std::string_view reason,
                        std::string sentence) {
  if (error_) return;
  ReadError error;
  error.code = code;
  error.reason = reason;
  error.place = place_of(at);
  error.line = at == nullptr ? 0 : static_cast<std::uint32_t>(std::max(xmlGetLineNo(at), 0L));
  error.sentence = std::move(sentence);
  error_ = std::move(error);
}

std::string text_at(const xmlNode* parent, std::string_view name) {
  return text_of(child(parent, name));
}

std::vector<std::string> texts_at(const xmlNode* parent, std::string_view name) {
  std::vector<std::string> texts;
  for (const xmlNode* node = child(parent, name); node != nullptr; node = next_element(node)) {
    if (name_of(node) == name) texts.push_back(text_of(node));
  }
  return texts;
}

std::string code_at(const xmlNode* parent, std::string_view name) {
  const xmlNode* choice = child(parent, name);
  return choice == nullptr ? std::string{} : text_of(first_element(choice));
}

std::string date_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  const xmlNode* node = child(parent, name);
  if (node == nullptr) return {};
  const std::string text = text_of(node);
  const std::string date{trimmed(text).substr(0, 10)};
  const auto day = parse_day(date);
  if (!day || day->year < 1900 || day->year > 2999) {
    state.refuse(node, ReadErrorCode::kBadDate, "DT01",
                 "the date " + quoted(text) + " is out of range: years 1900 to 2999 are accepted");
  }
  return date;
}

std::optional<Money> money_at(const xmlNode* parent, std::string_view name, Zero zero,
                              Extraction& state) {
  const xmlNode* node = child(parent, name);
  if (node == nullptr) return std::nullopt;
  Money money;
  money.currency = attribute_of(node, "Ccy");
  const auto decimals = currency_decimals(money.currency);
  if (!decimals) {
    const bool is_gold = money.currency == "XAU";
    state.refuse(node, ReadErrorCode::kBadCurrency, "AM03",
                 "the currency " + quoted(money.currency) + " cannot be settled" +
                     (is_gold ? ": carry the metal in supplementary data and the amount in CNY"
                              : ": use a currency of ISO 4217"));
    return money;
  }
  money.decimals = *decimals;
  const std::string text = text_of(node);
  const auto amount = parse_decimal(trimmed(text), *decimals);
  if (!amount) {
    std::string why = " is too large";
    if (amount.error() == DecimalError::kMalformed) why = " is not a number from 0";
    if (amount.error() == DecimalError::kTooManyDecimals) {
      why =
          " has more decimals than " + money.currency + ", which has " + std::to_string(*decimals);
    }
    state.refuse(node, ReadErrorCode::kBadAmount, "AM12", "the amount " + quoted(text) + why);
    return money;
  }
  if (amount->is_zero() && zero == Zero::kRefused) {
    state.refuse(node, ReadErrorCode::kZeroAmount, "AM01",
                 "the amount is zero: nothing would move");
  }
  money.amount = *amount;
  return money;
}

Money required_money_at(const xmlNode* parent, std::string_view name, Extraction& state) {
  return money_at(parent, name, Zero::kRefused, state).value_or(Money{});
}

PaymentType payment_type_at(const xmlNode* parent, std::string_view name) {
  PaymentType type;
  const xmlNode* node = child(parent, name);
  type.priority = text_at(node, "InstrPrty");
  for (const xmlNode* level = child(node, "SvcLvl"); level != nullptr;
       level = next_element(level)) {
    if (name_of(level) == "SvcLvl") type.service_levels.push_back(text_of(first_element(level)));
  }
  type.local_instrument = code_at(node, "LclInstrm");
  type.category_purpose = code_at(node, "CtgyPurp");
  return type;
}

PaymentIds original_ids(const xmlNode* transaction) {
  return {.instruction_id = text_at(transaction, "OrgnlInstrId"),
          .end_to_end_id = text_at(transaction, "OrgnlEndToEndId"),
          .transaction_id = text_at(transaction, "OrgnlTxId"),
          .uetr = text_at(transaction, "OrgnlUETR"),
          .clearing_reference = text_at(transaction, "OrgnlClrSysRef")};
}

void read_original_group(const xmlNode* group, OriginalPayment& original) {
  if (group == nullptr) return;
  original.message_id = text_at(group, "OrgnlMsgId");
  original.message_name = text_at(group, "OrgnlMsgNmId");
  original.created = text_at(group, "OrgnlCreDtTm");
}

void read_supplementary(const xmlNode* transaction, std::vector<std::string>& envelopes,
                        std::optional<GoldLeg>& gold, Extraction& state) {
  for (const xmlNode* data = child(transaction, "SplmtryData"); data != nullptr;
       data = next_element(data)) {
    if (name_of(data) != "SplmtryData") continue;
    const xmlNode* envelope = child(data, "Envlp");
    const xmlNode* content = first_element(envelope);
    envelopes.push_back(as_xml(envelope));
    if (namespace_of(content) != kGoldNamespace) continue;
    if (gold) refuse_gold(content, "gold data stands twice in one transaction", state);
    gold = read_gold(content, state);
  }
}

void check_count(const xmlNode* control, std::size_t count, Extraction& state) {
  const std::string text = text_at(control, "NbOfTxs");
  // Fifteen digits at most by the grammar, so this cannot wrap.
  std::uint64_t written = 0;
  for (const char digit : text) written = written * 10 + static_cast<std::uint64_t>(digit - '0');
  if (written == count) return;
  state.refuse(
      child(control, "NbOfTxs"), ReadErrorCode::kWrongCount, "AM18",
      "NbOfTxs is " + text + " but the message holds " + std::to_string(count) + " transactions");
}

void check_totals(const xmlNode* group, const GroupTotals& totals, Extraction& state) {
  check_count(group, totals.amounts.size(), state);
  // CtrlSum adds amounts whatever their currencies, so all are brought to the finest of their
  // units.
  constexpr std::array<std::uint32_t, 5> kPowers{1, 10, 100, 1'000, 10'000};
  std::uint32_t decimals = 0;
  for (const Money* money : totals.amounts) decimals = std::max(decimals, money->decimals);
  HG_CHECK(decimals < kPowers.size());
  base::u128 sum = 0;
  for (const Money* money : totals.amounts) {
    sum += static_cast<base::u128>(money->amount.minor()) * kPowers[decimals - money->decimals];
  }
  if (const xmlNode* node = child(group, "CtrlSum")) {
    const std::string text = text_of(node);
    // The schema allows 17 decimals; those that no amount here has must be zeros.
    std::string_view digits = trimmed(text);
    while (digits.contains('.') && digits.ends_with('0')) digits.remove_suffix(1);
    const auto written = parse_decimal(digits, decimals);
    if (!written || static_cast<base::u128>(written->minor()) != sum) {
      state.refuse(node, ReadErrorCode::kWrongTotal, "AM10",
                   "CtrlSum is " + quoted(text) + " but is not the sum of the amounts");
    }
  }
  if (const auto total = money_at(group, totals.total_name, Zero::kAllowed, state)) {
    bool is_right =
        total->decimals == decimals && static_cast<base::u128>(total->amount.minor()) == sum;
    for (const Money* money : totals.amounts) is_right &= money->currency == total->currency;
    if (!is_right) {
      state.refuse(child(group, totals.total_name), ReadErrorCode::kWrongTotal, "AM10",
                   std::string{totals.total_name} +
                       " is not the sum of the transactions' amounts in one currency");
    }
  }
}

GroupHeader read_group_header(const xmlNode* group, Extraction& state) {
  GroupHeader header;
  header.message_id = text_at(group, "MsgId");
  header.created = trimmed(text_at(group, "CreDtTm"));
  header.settlement_date = date_at(group, "IntrBkSttlmDt", state);
  const xmlNode* settlement = child(group, "SttlmInf");
  header.settlement_method = text_at(settlement, "SttlmMtd");
  header.clearing_system = code_at(settlement, "ClrSys");
  header.type = payment_type_at(group, "PmtTpInf");
  header.instructing_agent = agent_at(group, "InstgAgt", state);
  header.instructed_agent = agent_at(group, "InstdAgt", state);
  return header;
}

}  // namespace hugang::iso20022
