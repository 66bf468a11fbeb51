#include "clients/iso20022/message.hpp"

#include "clients/iso20022/read_error.hpp"

namespace hugang::iso20022 {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

}  // namespace

std::string_view Message::name() const {
  return std::visit(
      Overloaded{[](const CustomerCreditTransfer&) { return kCustomerCreditTransferName; },
                 [](const InstitutionCreditTransfer&) { return kInstitutionCreditTransferName; },
                 [](const PaymentReturn&) { return kPaymentReturnName; },
                 [](const CancellationRequest&) { return kCancellationRequestName; }},
      body);
}

const std::string& Message::message_id() const {
  return std::visit(
      Overloaded{[](const CancellationRequest& m) -> const std::string& { return m.assignment_id; },
                 [](const auto& m) -> const std::string& { return m.group.message_id; }},
      body);
}

const std::string& Message::created() const {
  return std::visit(
      Overloaded{[](const CancellationRequest& m) -> const std::string& { return m.created; },
                 [](const auto& m) -> const std::string& { return m.group.created; }},
      body);
}

std::size_t Message::transaction_count() const {
  return std::visit([](const auto& m) { return m.transactions.size(); }, body);
}

std::string ReadError::describe() const {
  std::string text{reason};
  if (!place.empty()) text += " at " + place;
  if (line != 0) text += " (line " + std::to_string(line) + ")";
  return text + ": " + sentence;
}

std::string_view to_string(ReadErrorCode code) {
  switch (code) {
    case ReadErrorCode::kTooLarge:
      return "too-large";
    case ReadErrorCode::kTooDeep:
      return "too-deep";
    case ReadErrorCode::kNotUtf8:
      return "not-utf8";
    case ReadErrorCode::kHasDoctype:
      return "has-doctype";
    case ReadErrorCode::kNotXml:
      return "not-xml";
    case ReadErrorCode::kNotAMessage:
      return "not-a-message";
    case ReadErrorCode::kUnsupportedMessage:
      return "unsupported-message";
    case ReadErrorCode::kHeaderAlone:
      return "header-alone";
    case ReadErrorCode::kHeaderMismatch:
      return "header-mismatch";
    case ReadErrorCode::kUnexpectedElement:
      return "unexpected-element";
    case ReadErrorCode::kMissingElement:
      return "missing-element";
    case ReadErrorCode::kUnexpectedContent:
      return "unexpected-content";
    case ReadErrorCode::kBadValue:
      return "bad-value";
    case ReadErrorCode::kBadAmount:
      return "bad-amount";
    case ReadErrorCode::kZeroAmount:
      return "zero-amount";
    case ReadErrorCode::kBadCurrency:
      return "bad-currency";
    case ReadErrorCode::kBadBic:
      return "bad-bic";
    case ReadErrorCode::kBadLei:
      return "bad-lei";
    case ReadErrorCode::kBadAccount:
      return "bad-account";
    case ReadErrorCode::kBadUetr:
      return "bad-uetr";
    case ReadErrorCode::kBadDate:
      return "bad-date";
    case ReadErrorCode::kBadCountry:
      return "bad-country";
    case ReadErrorCode::kWrongCount:
      return "wrong-count";
    case ReadErrorCode::kWrongTotal:
      return "wrong-total";
    case ReadErrorCode::kUnsupportedContent:
      return "unsupported-content";
    case ReadErrorCode::kBadGold:
      return "bad-gold";
    case ReadErrorCode::kDuplicateUetr:
      return "duplicate-uetr";
  }
  return "unknown";
}

}  // namespace hugang::iso20022
