// The identifiers that payment messages carry: BIC, LEI, UETR, IBAN. Form and check digits only;
// whether a bank or an account exists is for the ledger to say. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clearing/base/strong_id.hpp"

namespace hugang::iso20022 {

/// ISO 9362: four capital letters or digits, a two-letter country, two letters or digits, and for a
/// branch three more. 8 or 11 characters. (The standard allows digits in the first four.)
[[nodiscard]] bool is_bic(std::string_view text);

/// Whether two BICs name the same institution branch: BANKCC22 and BANKCC22XXX are the same.
/// False when either is not a BIC.
[[nodiscard]] bool is_same_bic(std::string_view one, std::string_view other);

/// ISO 17442: 20 characters, 18 capital letters or digits and two check digits (ISO 7064 MOD 97-10,
/// the whole read as a number mod 97 is 1).
[[nodiscard]] bool is_lei(std::string_view text);

/// The two check digits that make an LEI of 18 capital letters or digits; nothing for other input.
[[nodiscard]] std::optional<std::string> make_lei_check_digits(std::string_view stem);

/// ISO 13616: two-letter country, two check digits 02..98, 1 to 30 letters or digits; MOD 97-10 = 1
/// after the first four characters are moved to the end. Capital letters, no spaces.
[[nodiscard]] bool is_iban(std::string_view text);

/// The two check digits of an IBAN of this country (two capital letters) and this account part;
/// nothing when either is malformed.
[[nodiscard]] std::optional<std::string> make_iban_check_digits(std::string_view country,
                                                                std::string_view account);

/// A UUID version 4 (RFC 9562), in lower case, with hyphens: 36 characters.
[[nodiscard]] bool is_uetr(std::string_view text);

/// The UETR as the ledger's 128-bit id, in reading order (first digit highest); nothing when the
/// text is no UETR.
[[nodiscard]] std::optional<base::CommandId> to_command_id(std::string_view uetr);

/// The id in the form of a UETR. Holds for every id that `to_command_id` gave; the version and
/// variant bits of other ids are printed as they are, so `is_uetr` may not hold for the result.
[[nodiscard]] std::string to_uetr(base::CommandId id);

}  // namespace hugang::iso20022
