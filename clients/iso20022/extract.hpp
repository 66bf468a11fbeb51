// Reading fields off a document that already conforms to the grammar. For this folder only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/iso20022/message.hpp"
#include "clients/iso20022/read_error.hpp"
#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {

/// Collects the first refusal; the functions below go on with empty values after it, so that
/// readers are straight lines and look once, at the end.
class Extraction {
 public:
  void refuse(const xmlNode* at, ReadErrorCode code, std::string_view reason, std::string sentence);
  [[nodiscard]] bool is_refused() const { return error_.has_value(); }
  [[nodiscard]] ReadError take_error() { return std::move(*error_); }

 private:
  std::optional<ReadError> error_;
};

/// Child's text, "" when the child is absent.
[[nodiscard]] std::string text_at(const xmlNode* parent, std::string_view name);
/// Texts of all children of this name, in order.
[[nodiscard]] std::vector<std::string> texts_at(const xmlNode* parent, std::string_view name);
/// A choice of Cd and Prtry: the text of whichever is there.
[[nodiscard]] std::string code_at(const xmlNode* parent, std::string_view name);
/// A date, its time zone cut off. Refuses years before 1900 and after 2999 with DT01.
[[nodiscard]] std::string date_at(const xmlNode* parent, std::string_view name, Extraction& state);

/// Whether an amount of zero is refused (AM01).
enum class Zero : std::uint8_t { kRefused, kAllowed };
/// The amount of the child; nothing when it is absent. Refuses AM01, AM03, AM12.
[[nodiscard]] std::optional<Money> money_at(const xmlNode* parent, std::string_view name, Zero zero,
                                            Extraction& state);
/// The same for an amount that the grammar requires.
[[nodiscard]] Money required_money_at(const xmlNode* parent, std::string_view name,
                                      Extraction& state);

/// Party, agent or account below the child of this name; empty when it is absent. Refuses a LEI
/// (BE15) or IBAN (AC01) whose check digits are wrong.
[[nodiscard]] Party party_at(const xmlNode* parent, std::string_view name, Extraction& state);
[[nodiscard]] Agent agent_at(const xmlNode* parent, std::string_view name, Extraction& state);
[[nodiscard]] Account account_at(const xmlNode* parent, std::string_view name, Extraction& state);
[[nodiscard]] std::optional<Party> optional_party_at(const xmlNode* parent, std::string_view name,
                                                     Extraction& state);
/// Party40Choice: a party or an agent; a party's name and BIC are told as an agent's.
[[nodiscard]] Agent party_or_agent_at(const xmlNode* parent, std::string_view name,
                                      Extraction& state);

[[nodiscard]] PaymentType payment_type_at(const xmlNode* parent, std::string_view name);
/// OrgnlInstrId, OrgnlEndToEndId, OrgnlTxId, OrgnlUETR, OrgnlClrSysRef below the node itself.
[[nodiscard]] PaymentIds original_ids(const xmlNode* transaction);
/// OrgnlMsgId, OrgnlMsgNmId, OrgnlCreDtTm of the group that the node speaks of, where given.
void read_original_group(const xmlNode* group, OriginalPayment& original);

/// SplmtryData: each envelope as text, and our gold data if one of them holds it.
void read_supplementary(const xmlNode* transaction, std::vector<std::string>& envelopes,
                        std::optional<GoldLeg>& gold, Extraction& state);

/// Refuses AM18 when NbOfTxs below the node is not this count.
void check_count(const xmlNode* control, std::size_t count, Extraction& state);

/// What the group promises of its transactions.
struct GroupTotals {
  std::string_view total_name;  ///< TtlIntrBkSttlmAmt, TtlRtrdIntrBkSttlmAmt
  const std::vector<const Money*>& amounts;
};
/// Refuses AM18 when NbOfTxs is not the number of amounts; AM10 when CtrlSum or the total, where
/// given, is not their sum.
void check_totals(const xmlNode* group, const GroupTotals& totals, Extraction& state);

[[nodiscard]] GroupHeader read_group_header(const xmlNode* group, Extraction& state);

// One reader for each message, given the element below Document.
[[nodiscard]] CustomerCreditTransfer read_customer_transfer(const xmlNode* body, Extraction& state);
[[nodiscard]] InstitutionCreditTransfer read_institution_transfer(const xmlNode* body,
                                                                  Extraction& state);
[[nodiscard]] PaymentReturn read_return(const xmlNode* body, Extraction& state);
[[nodiscard]] CancellationRequest read_cancellation(const xmlNode* body, Extraction& state);
[[nodiscard]] BusinessHeader read_header(const xmlNode* header);

}  // namespace hugang::iso20022
