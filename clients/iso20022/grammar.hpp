// The built-in grammar: which elements each message may hold, in which order, how often, and the
// form of every value. It lets a message that breaks its schema be refused with no schema at hand.
//
// The tables grammar/structures.cpp and grammar/values.cpp are text, one rule after another; a line
// that begins with a space continues the rule before. In a list of children `Name:Type` is required
// once, and `?` `*` `+` `{0,7}` say otherwise.
//
//   root MESSAGE ELEMENT TYPE       where to begin
//   seq TYPE CHILD...               these children in this order
//   alt TYPE CHILD...               exactly one of these
//   any TYPE [NAMESPACE]            one element, of this namespace or of any; not looked into
//   attribute TYPE VALUE NAME TYPE  a value with one required attribute
//   text TYPE MIN MAX               MIN to MAX code points; * is no limit
//   regex TYPE PATTERN              as XML Schema reads patterns: the whole text
//   enum TYPE WORD...               one of the words
//   decimal TYPE DIGITS FRACTION [from0]  digits in all, digits after the point, not negative
//   date|datetime|time|boolean TYPE       as XML Schema writes them
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string_view>

#include "clients/iso20022/read_error.hpp"

namespace hugang::iso20022 {

extern const char* const kGrammarStructures;
extern const char* const kGrammarValues;

/// Whether documents of this message ("pacs.008.001.08", "head.001.001.02") can be checked.
[[nodiscard]] bool has_grammar(std::string_view message);

/// The first thing wrong with `element` as the root of this message, nothing when it conforms.
/// Requires has_grammar(message). Any thread.
[[nodiscard]] std::optional<ReadError> check_grammar(const xmlNode* element,
                                                     std::string_view message);

}  // namespace hugang::iso20022
