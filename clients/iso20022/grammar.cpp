#include "clients/iso20022/grammar.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clearing/base/check.hpp"
#include "clients/iso20022/grammar_rules.hpp"
#include "clients/iso20022/value_form.hpp"
#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {
namespace {

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

using Verdict = std::optional<ReadError>;

ReadError error_at(const xmlNode* node, ReadErrorCode code, std::string_view reason,
                   std::string sentence) {
  ReadError error;
  error.code = code;
  error.reason = reason;
  error.place = place_of(node);
  error.line = static_cast<std::uint32_t>(std::max(xmlGetLineNo(node), 0L));
  error.sentence = std::move(sentence);
  return error;
}

struct ValueFailure {
  ReadErrorCode code;
  std::string_view reason;
};

/// What a value of this type that breaks its form means to the sender.
ValueFailure failure_of(const Rule& rule) {
  const std::string_view name = rule.name;
  if (rule.kind == Kind::kDate || rule.kind == Kind::kDateTime || rule.kind == Kind::kTime) {
    return {ReadErrorCode::kBadDate, "DT01"};
  }
  if (name.contains("CurrencyAndAmount")) return {ReadErrorCode::kBadAmount, "AM12"};
  if (name.ends_with("CurrencyCode")) return {ReadErrorCode::kBadCurrency, "AM03"};
  if (name.contains("BIC")) return {ReadErrorCode::kBadBic, "RC01"};
  if (name.contains("LEI")) return {ReadErrorCode::kBadLei, "BE15"};
  if (name.contains("IBAN")) return {ReadErrorCode::kBadAccount, "AC01"};
  if (name.contains("UUID")) return {ReadErrorCode::kBadUetr, "FF01"};
  if (name == "CountryCode") return {ReadErrorCode::kBadCountry, "BE09"};
  return {ReadErrorCode::kBadValue, "FF01"};
}

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

/// "1 to 35 characters" and so on; empty when the text has the form.
std::string form_missed(const Rule& rule, const std::string& text) {
  const std::string_view collapsed = trimmed(text);
  switch (rule.kind) {
    case Kind::kText: {
      const std::size_t count = count_code_points(text);
      if (count >= rule.least && (rule.most == kUnbounded || count <= rule.most)) return {};
      return std::to_string(rule.least) + " to " + std::to_string(rule.most) + " characters";
    }
    case Kind::kRegex:
      if (xmlRegexpExec(rule.regex.get(), reinterpret_cast<const xmlChar*>(text.c_str())) == 1) {
        return {};
      }
      return "text of the form " + rule.pattern;
    case Kind::kEnum:
      if (std::ranges::find(rule.words, text) != rule.words.end()) return {};
      return "one of " + list_of(rule.words);
    case Kind::kDecimal:
      if (is_decimal(collapsed, rule.decimal)) return {};
      return std::string{rule.decimal.is_from_zero ? "a number from 0" : "a number"} + " with " +
             std::to_string(rule.decimal.digits_max) + " digits at most, " +
             std::to_string(rule.decimal.fraction_max) + " of them after the point";
    case Kind::kDate:
      return is_date(text) ? "" : "a date YYYY-MM-DD";
    case Kind::kDateTime:
      return is_date_time(text) ? "" : "a date and time YYYY-MM-DDThh:mm:ss with an offset";
    case Kind::kTime:
      return is_time(text) ? "" : "a time hh:mm:ss";
    case Kind::kBoolean:
      return is_boolean(collapsed) ? "" : "true or false";
    case Kind::kSequence:
    case Kind::kChoice:
    case Kind::kAny:
    case Kind::kAttribute:
      break;
  }
  HG_CHECK(false);
  return {};
}

Verdict check_text(const xmlNode* node, const Rule& rule, const std::string& text,
                   std::string_view what) {
  const std::string missed = form_missed(rule, text);
  if (missed.empty()) return std::nullopt;
  const auto [code, reason] = failure_of(rule);
  return error_at(node, code, reason,
                  std::string{what} + " is " + quoted(text) + " but must be " + missed);
}

/// Attributes other than `allowed`, and the harmless schema hints, are refused.
Verdict check_attributes(const xmlNode* node, std::string_view allowed) {
  for (const xmlAttr* attribute = node->properties; attribute != nullptr;
       attribute = attribute->next) {
    const std::string_view name = view(attribute->name);
    const std::string_view space =
        attribute->ns == nullptr ? std::string_view{} : view(attribute->ns->href);
    if (space.empty() && name == allowed) continue;
    if (space == kSchemaInstance &&
        (name == "schemaLocation" || name == "noNamespaceSchemaLocation")) {
      continue;
    }
    return error_at(node, ReadErrorCode::kUnexpectedContent, "FF01",
                    "the attribute " + quoted(name) + " is not expected here: remove it");
  }
  return std::nullopt;
}

Verdict check_no_text(const xmlNode* node) {
  for (const xmlNode* part = node->children; part != nullptr; part = part->next) {
    const bool is_text = part->type == XML_TEXT_NODE || part->type == XML_CDATA_SECTION_NODE;
    if (!is_text) continue;
    // White space between elements is layout; but not inside CDATA, which says "this is text".
    if (part->type == XML_TEXT_NODE && trimmed(view(part->content)).empty()) continue;
    return error_at(
        node, ReadErrorCode::kUnexpectedContent, "FF01",
        "the text " + quoted(trimmed(view(part->content))) + " stands between elements: remove it");
  }
  return std::nullopt;
}

class Checker {
 public:
  explicit Checker(std::string_view message_namespace) : namespace_{message_namespace} {}

  [[nodiscard]] Verdict check(const xmlNode* node, const Rule& rule) const {
    switch (rule.kind) {
      case Kind::kSequence:
      case Kind::kChoice: {
        if (auto error = check_attributes(node, {})) return error;
        if (auto error = check_no_text(node)) return error;
        return rule.kind == Kind::kSequence ? check_sequence(node, rule) : check_choice(node, rule);
      }
      case Kind::kAny:
        return check_any(node, rule);
      case Kind::kAttribute:
        return check_with_attribute(node, rule);
      case Kind::kText:
      case Kind::kRegex:
      case Kind::kEnum:
      case Kind::kDecimal:
      case Kind::kDate:
      case Kind::kDateTime:
      case Kind::kTime:
      case Kind::kBoolean:
        if (auto error = check_attributes(node, {})) return error;
        return check_value(node, rule);
    }
    HG_CHECK(false);
    return std::nullopt;
  }

  [[nodiscard]] bool is_ours(const xmlNode* node, std::string_view name) const {
    return name_of(node) == name && namespace_of(node) == namespace_;
  }

 private:
  static Verdict check_value(const xmlNode* node, const Rule& rule) {
    if (const xmlNode* below = first_element(node); below != nullptr) {
      return error_at(below, ReadErrorCode::kUnexpectedElement, "FF01",
                      "an element stands inside a value: only text is expected here");
    }
    return check_text(node, rule, text_of(node), "the value");
  }

  static Verdict check_with_attribute(const xmlNode* node, const Rule& rule) {
    if (auto error = check_attributes(node, rule.attribute)) return error;
    const xmlAttr* attribute = node->properties;
    while (attribute != nullptr &&
           (attribute->ns != nullptr || view(attribute->name) != rule.attribute)) {
      attribute = attribute->next;
    }
    if (attribute == nullptr) {
      const auto [code, reason] = failure_of(*rule.attribute_type);
      return error_at(node, code, reason,
                      "the attribute " + rule.attribute + " is missing: add it");
    }
    const std::string text = attribute_of(node, rule.attribute);
    if (auto error =
            check_text(node, *rule.attribute_type, text, "the attribute " + rule.attribute)) {
      return error;
    }
    return check_value(node, *rule.value_type);
  }

  static Verdict check_any(const xmlNode* node, const Rule& rule) {
    if (auto error = check_attributes(node, {})) return error;
    if (auto error = check_no_text(node)) return error;
    const xmlNode* only = first_element(node);
    if (only == nullptr) {
      return error_at(node, ReadErrorCode::kMissingElement, "FF01",
                      "it is empty but must hold one element");
    }
    if (const xmlNode* second = next_element(only); second != nullptr) {
      return error_at(second, ReadErrorCode::kUnexpectedElement, "FF01",
                      "a second element stands where only one may be");
    }
    if (!rule.any_namespace.empty() && namespace_of(only) != rule.any_namespace) {
      return error_at(only, ReadErrorCode::kUnexpectedElement, "FF01",
                      "only an element of " + rule.any_namespace + " may stand here");
    }
    return std::nullopt;
  }

  [[nodiscard]] Verdict unexpected(const xmlNode* node, const Rule& rule,
                                   const std::string& expected) const {
    const bool is_known = std::ranges::any_of(
        rule.children, [&](const Child& child) { return is_ours(node, child.name); });
    std::string sentence = "the element is not expected here";
    if (is_known) {
      sentence += ": it is out of order or repeated too often";
    } else if (namespace_of(node) != namespace_) {
      sentence += ": its namespace " + quoted(namespace_of(node)) + " is not that of the message";
    }
    if (!expected.empty()) sentence += "; expected is " + expected;
    return error_at(node, ReadErrorCode::kUnexpectedElement, "FF01", std::move(sentence));
  }

  static Verdict missing(const xmlNode* node, const Child& child) {
    return error_at(node, ReadErrorCode::kMissingElement, "FF01",
                    "the element " + child.name + " is missing: add it");
  }

  [[nodiscard]] Verdict check_sequence(const xmlNode* node, const Rule& rule) const {
    std::size_t at = 0;
    std::uint32_t count = 0;
    for (const xmlNode* part = first_element(node); part != nullptr; part = next_element(part)) {
      std::size_t next = at;
      while (next < rule.children.size() && !is_ours(part, rule.children[next].name)) ++next;
      const bool is_full =
          next == at && at < rule.children.size() && count == rule.children[at].most;
      if (next == rule.children.size() || is_full) {
        const bool has_unmet = at < rule.children.size() && count < rule.children[at].least;
        return unexpected(part, rule, has_unmet ? rule.children[at].name : std::string{});
      }
      for (; at < next; ++at, count = 0) {
        if (count >= rule.children[at].least) continue;
        // Told as disorder when what is missing comes later.
        for (const xmlNode* later = next_element(part); later != nullptr;
             later = next_element(later)) {
          if (is_ours(later, rule.children[at].name)) {
            return unexpected(part, rule, rule.children[at].name);
          }
        }
        return missing(node, rule.children[at]);
      }
      ++count;
      if (auto error = check(part, *rule.children[at].type)) return error;
    }
    for (; at < rule.children.size(); ++at, count = 0) {
      if (count < rule.children[at].least) return missing(node, rule.children[at]);
    }
    return std::nullopt;
  }

  [[nodiscard]] Verdict check_choice(const xmlNode* node, const Rule& rule) const {
    const xmlNode* chosen = first_element(node);
    if (chosen == nullptr) {
      std::vector<std::string> names;
      for (const Child& child : rule.children) names.push_back(child.name);
      return error_at(node, ReadErrorCode::kMissingElement, "FF01",
                      "it is empty but must hold one of " + list_of(names));
    }
    const auto found = std::ranges::find_if(
        rule.children, [&](const Child& child) { return is_ours(chosen, child.name); });
    if (found == rule.children.end()) return unexpected(chosen, rule, {});
    if (auto error = check(chosen, *found->type)) return error;
    if (const xmlNode* second = next_element(chosen); second != nullptr) {
      return unexpected(second, rule, {});
    }
    return std::nullopt;
  }

  std::string_view namespace_;
};

}  // namespace

bool has_grammar(std::string_view message) { return find_root(message) != nullptr; }

std::optional<ReadError> check_grammar(const xmlNode* element, std::string_view message) {
  const Root* root = find_root(message);
  HG_CHECK(root != nullptr);
  const std::string message_namespace = "urn:iso:std:iso:20022:tech:xsd:" + std::string{message};
  const Checker checker{message_namespace};
  if (!checker.is_ours(element, root->element)) {
    return error_at(element, ReadErrorCode::kNotAMessage, "FF01",
                    "the element must be " + root->element + " of " + message_namespace);
  }
  return checker.check(element, *root->type);
}

}  // namespace hugang::iso20022
