// Why a message was refused before it reached the ledger.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hugang::iso20022 {

/// Stable: scripts and tests compare these numbers. Never reused.
enum class ReadErrorCode : std::uint8_t {
  kTooLarge = 1,            ///< more than kMaxDocumentBytes, or too many elements
  kTooDeep = 2,             ///< nested deeper than kMaxDepth
  kNotUtf8 = 3,             ///< bytes are not UTF-8, or another encoding is declared
  kHasDoctype = 4,          ///< a DOCTYPE: never needed here, and the door to entity attacks
  kNotXml = 5,              ///< not well-formed
  kNotAMessage = 6,         ///< no ISO 20022 Document in it
  kUnsupportedMessage = 7,  ///< an ISO 20022 message that we do not read
  kHeaderAlone = 8,         ///< a business header without its Document
  kHeaderMismatch = 9,      ///< header and document name different messages
  kUnexpectedElement = 10,  ///< unknown here, repeated, or out of order
  kMissingElement = 11,     ///< required by the schema
  kUnexpectedContent = 12,  ///< text or an attribute where none may be
  kBadValue = 13,           ///< text not of the form the schema asks for
  kBadAmount = 14,
  kZeroAmount = 15,
  kBadCurrency = 16,  ///< unknown, or not one that can be settled
  kBadBic = 17,
  kBadLei = 18,
  kBadAccount = 19,
  kBadUetr = 20,
  kBadDate = 21,
  kBadCountry = 22,
  kWrongCount = 23,          ///< NbOfTxs is not the number of transactions
  kWrongTotal = 24,          ///< a control sum or total is not the sum of the parts
  kUnsupportedContent = 25,  ///< valid, but asks for what we do not offer
  kBadGold = 26,             ///< our supplementary data for gold is malformed
  kDuplicateUetr = 27,       ///< two transactions of one message share a UETR
};

/// A refusal, ready to be told to a person and to be answered with a status message.
struct ReadError {
  ReadErrorCode code{};
  /// ISO 20022 ExternalStatusReason1Code, four characters: FF01, AM12, RC01...
  std::string_view reason;
  /// Where: "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR", or "" for the whole text.
  std::string place;
  /// Line in the text, counted from 1; 0 when no line can be named.
  std::uint32_t line{0};
  /// One sentence: what is wrong and what to do. Quotes at most a short piece of the input.
  std::string sentence;

  /// What could be read of the refused message, for the answer; empty where unknown or malformed.
  std::string original_message_id;
  std::string original_message_name;  ///< "pacs.008.001.08"
  std::string original_created;       ///< CreDtTm as written

  /// "FF01 at /Document/... (line 12): the element X is not expected here..."
  [[nodiscard]] std::string describe() const;
};

/// "unexpected-element" and so on, for --json output.
[[nodiscard]] std::string_view to_string(ReadErrorCode code);

}  // namespace hugang::iso20022
