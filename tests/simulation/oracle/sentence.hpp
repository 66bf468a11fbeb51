// What a contradiction is about, in words.
#pragma once

#include <string>

#include "tests/simulation/oracle/book.hpp"
#include "tests/simulation/oracle/desk.hpp"

namespace hugang::oracle {

/// Decimal.
[[nodiscard]] std::string text_of(Big value);
/// Hexadecimal, as ids are written.
[[nodiscard]] std::string text_of_id(Id id);

/// "transfer 1f by participant 2".
[[nodiscard]] std::string sentence_of(CommandKind kind, PersonNo caller, ByteSpan record);
/// "INSUFFICIENT_FUNDS, value 0 at 17".
[[nodiscard]] std::string sentence_of(const Answer& answer);
[[nodiscard]] std::string sentence_of(const wire::Outcome& outcome);
/// "hold 1f expired, 500 at 17".
[[nodiscard]] std::string sentence_of(const Event& event);

}  // namespace hugang::oracle
