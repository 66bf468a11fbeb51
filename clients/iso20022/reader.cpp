#include "clients/iso20022/reader.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "clearing/base/check.hpp"
#include "clients/iso20022/extract.hpp"
#include "clients/iso20022/grammar.hpp"
#include "clients/iso20022/validator.hpp"
#include "clients/iso20022/value_form.hpp"
#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {
namespace {

constexpr std::string_view kNamespacePrefix = "urn:iso:std:iso:20022:tech:xsd:";
constexpr int kEnvelopeDepthMax = 4;

ReadError refusal(const xmlNode* at, ReadErrorCode code, std::string_view reason,
                  std::string sentence) {
  Extraction state;
  state.refuse(at, code, reason, std::move(sentence));
  return state.take_error();
}

/// "pacs.008.001.08" out of the element's namespace; empty when that is not one of ISO 20022.
std::string_view message_name_of(const xmlNode* node) {
  std::string_view name = namespace_of(node);
  if (!name.starts_with(kNamespacePrefix)) return {};
  name.remove_prefix(kNamespacePrefix.size());
  return name.size() <= 35 ? name : std::string_view{};
}

bool is_header(const xmlNode* node) { return name_of(node) == "AppHdr"; }
bool is_document(const xmlNode* node) { return name_of(node) == "Document"; }

struct Parts {
  const xmlNode* header{nullptr};
  const xmlNode* document{nullptr};
};

/// Header and document directly below this element.
std::expected<Parts, ReadError> parts_below(const xmlNode* envelope) {
  Parts parts;
  for (const xmlNode* node = first_element(envelope); node != nullptr; node = next_element(node)) {
    if (!is_header(node) && !is_document(node)) continue;
    const xmlNode*& slot = is_header(node) ? parts.header : parts.document;
    if (slot != nullptr) {
      return std::unexpected{refusal(node, ReadErrorCode::kNotAMessage, "FF01",
                                     "the envelope holds more than one message: send them apart")};
    }
    slot = node;
  }
  return parts;
}

/// Looks for the document in the root or in the first element on each level that is no header or
/// document itself and holds one, level by level.
std::expected<Parts, ReadError> find_parts(const xmlNode* root) {
  if (is_document(root)) return Parts{nullptr, root};
  if (is_header(root)) return Parts{root, nullptr};
  std::vector<const xmlNode*> level{root};
  for (int depth = 0; depth < kEnvelopeDepthMax && !level.empty(); ++depth) {
    std::vector<const xmlNode*> next_level;
    for (const xmlNode* node : level) {
      auto parts = parts_below(node);
      if (!parts || parts->header != nullptr || parts->document != nullptr) return parts;
      for (const xmlNode* below = first_element(node); below != nullptr;
           below = next_element(below)) {
        next_level.push_back(below);
      }
    }
    level = std::move(next_level);
  }
  return std::unexpected{
      refusal(root, ReadErrorCode::kNotAMessage, "FF01",
              "no ISO 20022 Document is in this file: send a pacs.008, pacs.009, "
              "pacs.004 or camt.056 document")};
}

std::expected<BusinessHeader, ReadError> checked_header(const xmlNode* node,
                                                        const Validator* schemas) {
  if (auto error = check_grammar(node, kHeaderName)) return std::unexpected{std::move(*error)};
  if (schemas != nullptr) {
    if (auto error = schemas->check(node, kHeaderName)) return std::unexpected{std::move(*error)};
  }
  return read_header(node);
}

using Body = decltype(Message::body);

Body read_body(const xmlNode* body, std::string_view name, Extraction& state) {
  if (name == kCustomerCreditTransferName) return read_customer_transfer(body, state);
  if (name == kInstitutionCreditTransferName) return read_institution_transfer(body, state);
  if (name == kPaymentReturnName) return read_return(body, state);
  HG_CHECK(name == kCancellationRequestName);
  return read_cancellation(body, state);
}

bool is_read(std::string_view name) {
  constexpr std::array kRead{kCustomerCreditTransferName, kInstitutionCreditTransferName,
                             kPaymentReturnName, kCancellationRequestName};
  return std::ranges::find(kRead, name) != kRead.end();
}

/// No two transactions of one message may carry one UETR: a retry would be told from a payment by
/// nothing else.
void check_distinct_uetrs(const xmlNode* body, Extraction& state) {
  std::set<std::string> seen;
  for (const xmlNode* node = child(body, "CdtTrfTxInf"); node != nullptr;
       node = next_element(node)) {
    const xmlNode* uetr = child(child(node, "PmtId"), "UETR");
    if (uetr == nullptr || seen.insert(text_of(uetr)).second) continue;
    state.refuse(uetr, ReadErrorCode::kDuplicateUetr, "AM05",
                 "the UETR " + text_of(uetr) + " names two transactions of this message");
  }
}

std::expected<Message, ReadError> read_parts(const Parts& parts, const Validator* schemas) {
  Message message;
  if (parts.header != nullptr) {
    auto header = checked_header(parts.header, schemas);
    if (!header) return std::unexpected{std::move(header.error())};
    message.header = std::move(*header);
  }
  if (parts.document == nullptr) {
    return std::unexpected{
        refusal(parts.header, ReadErrorCode::kHeaderAlone, "FF01",
                "the file holds a business header alone: send it in one envelope "
                "with its Document")};
  }
  const std::string_view name = message_name_of(parts.document);
  if (!is_read(name)) {
    const bool is_other_message = !name.empty();
    return std::unexpected{
        refusal(parts.document,
                is_other_message ? ReadErrorCode::kUnsupportedMessage : ReadErrorCode::kNotAMessage,
                is_other_message ? "AG03" : "FF01",
                "the document's namespace is " + quoted(namespace_of(parts.document)) +
                    ": read are pacs.008.001.08, pacs.009.001.08, pacs.004.001.09 and "
                    "camt.056.001.08")};
  }
  if (message.header && message.header->message_name != name) {
    return std::unexpected{refusal(child(parts.header, "MsgDefIdr"), ReadErrorCode::kHeaderMismatch,
                                   "FF01",
                                   "the header says " + quoted(message.header->message_name) +
                                       " but the document is " + std::string{name})};
  }
  if (auto error = check_grammar(parts.document, name)) return std::unexpected{std::move(*error)};
  if (schemas != nullptr) {
    if (auto error = schemas->check(parts.document, name)) {
      return std::unexpected{std::move(*error)};
    }
  }
  Extraction state;
  const xmlNode* body = first_element(parts.document);
  message.body = read_body(body, name, state);
  check_distinct_uetrs(body, state);
  if (state.is_refused()) return std::unexpected{state.take_error()};
  return message;
}

/// What the answer to a refused message can say about it, as far as it is well-formed.
void tell_original(const Parts& parts, ReadError& error) {
  if (parts.document == nullptr) return;
  error.original_message_name = message_name_of(parts.document);
  const xmlNode* body = first_element(parts.document);
  if (body == nullptr) return;
  const bool is_recall = child(body, "Assgnmt") != nullptr;
  const xmlNode* group = child(body, is_recall ? "Assgnmt" : "GrpHdr");
  const std::string id = text_at(group, is_recall ? "Id" : "MsgId");
  if (!id.empty() && count_code_points(id) <= 35) error.original_message_id = id;
  const std::string created = text_at(group, "CreDtTm");
  if (is_date_time(trimmed(created))) error.original_created = trimmed(created);
}

}  // namespace

BusinessHeader read_header(const xmlNode* header) {
  const auto bic_of = [header](std::string_view role) {
    const xmlNode* choice = child(header, role);
    std::string bic = text_at(child(child(choice, "FIId"), "FinInstnId"), "BICFI");
    if (!bic.empty()) return bic;
    return text_at(child(child(child(choice, "OrgId"), "Id"), "OrgId"), "AnyBIC");
  };
  BusinessHeader result;
  result.from_bic = bic_of("Fr");
  result.to_bic = bic_of("To");
  result.message_id = text_at(header, "BizMsgIdr");
  result.message_name = text_at(header, "MsgDefIdr");
  result.service = text_at(header, "BizSvc");
  result.created = trimmed(text_at(header, "CreDt"));
  result.copy = text_at(header, "CpyDplct");
  const std::string duplicate = text_at(header, "PssblDplct");
  result.is_possible_duplicate = trimmed(duplicate) == "true" || trimmed(duplicate) == "1";
  return result;
}

std::expected<Message, ReadError> parse(std::string_view xml, const Validator* schemas) {
  const auto document = parse_xml(xml);
  if (!document) return std::unexpected{document.error()};
  const auto parts = find_parts(xmlDocGetRootElement(document->get()));
  if (!parts) return std::unexpected{parts.error()};
  auto message = read_parts(*parts, schemas);
  if (!message) tell_original(*parts, message.error());
  return message;
}

std::expected<BusinessHeader, ReadError> parse_header(std::string_view xml) {
  const auto document = parse_xml(xml);
  if (!document) return std::unexpected{document.error()};
  return checked_header(xmlDocGetRootElement(document->get()), nullptr);
}

}  // namespace hugang::iso20022
