// Identifiers as text: command ids as UUIDs (RFC 9562), account numbers as digits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/account_number.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::format {

/// "01234567-89ab-4cde-8f01-23456789abcd", in lower case: the id's bytes, most significant first.
[[nodiscard]] std::string uuid_text(base::CommandId id);

/// The id of a UUID text with its four hyphens, in either case; nothing for anything else. The
/// version is not looked at; the reserved ids 0 and 2^128-1 are read (the ledger refuses them).
[[nodiscard]] std::optional<base::CommandId> parse_uuid(std::string_view text);

/// "1000000000145".
[[nodiscard]] std::string account_text(base::AccountNumber number);

/// The account number of 13 to 16 digits whose check digits are right; says nothing about whether
/// the account exists.
[[nodiscard]] std::optional<base::AccountNumber> parse_account(std::string_view text);

}  // namespace hugang::format
