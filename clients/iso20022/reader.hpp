// From ISO 20022 text to values: pacs.008.001.08, pacs.009.001.08, pacs.004.001.09,
// camt.056.001.08, bare or with a head.001.001.02 header in any envelope element.
//
// The text is hostile until proven otherwise: no network, no DTD, no entities, bounded size, depth
// and memory. Structure and value forms are checked against the whole schema by the built-in
// grammar, then the rules that no schema can say: check digits, decimals of the currency, counts
// and totals.
#pragma once

#include <expected>
#include <string_view>

#include "clients/iso20022/message.hpp"
#include "clients/iso20022/read_error.hpp"

namespace hugang::iso20022 {

class Validator;

/// The message in this text, or the first reason to refuse it. A message is accepted or refused
/// whole: one bad transaction refuses its group. Any thread.
///
/// `schemas`, when given, also validates header and document against XSD files; the caller keeps it
/// alive during the call.
[[nodiscard]] std::expected<Message, ReadError> parse(std::string_view xml,
                                                      const Validator* schemas = nullptr);

/// The header of a text that is an AppHdr alone (parse() refuses that with kHeaderAlone).
[[nodiscard]] std::expected<BusinessHeader, ReadError> parse_header(std::string_view xml);

}  // namespace hugang::iso20022
