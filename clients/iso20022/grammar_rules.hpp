// The grammar's text tables as linked rules. Used by grammar.cpp alone; the notation is described
// in grammar.hpp.
#pragma once

#include <libxml/xmlregexp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/iso20022/value_form.hpp"

namespace hugang::iso20022 {

inline constexpr std::uint32_t kUnbounded = UINT32_MAX;

enum class Kind : std::uint8_t {
  kSequence,
  kChoice,
  kAny,
  kAttribute,
  kText,
  kRegex,
  kEnum,
  kDecimal,
  kDate,
  kDateTime,
  kTime,
  kBoolean
};

struct RegexDeleter {
  void operator()(xmlRegexp* regex) const { xmlRegFreeRegexp(regex); }
};

struct Rule;

struct Child {
  std::string name;
  std::string type_name;
  const Rule* type{nullptr};
  std::uint32_t least{1};
  std::uint32_t most{1};
};

struct Rule {
  Kind kind{};
  std::string name;
  std::vector<Child> children;                       // sequence, choice
  std::string any_namespace;                         // any
  std::string attribute;                             // attribute: its name,
  std::string value_type_name, attribute_type_name;  // and the types of both values
  const Rule* value_type{nullptr};
  const Rule* attribute_type{nullptr};
  std::size_t least{0}, most{0};  // text
  std::string pattern;            // regex
  std::unique_ptr<xmlRegexp, RegexDeleter> regex;
  std::vector<std::string> words;  // enum
  DecimalForm decimal{};
};

/// Where a message begins.
struct Root {
  std::string element;
  std::string type_name;
  const Rule* type{nullptr};
};

/// The root of this message; null when there is no grammar for it. The tables are read at the first
/// use. Any thread.
[[nodiscard]] const Root* find_root(std::string_view message);

}  // namespace hugang::iso20022
