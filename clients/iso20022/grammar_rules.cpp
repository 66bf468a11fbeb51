#include "clients/iso20022/grammar_rules.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

#include "clearing/base/check.hpp"
#include "clients/iso20022/grammar.hpp"
#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {
namespace {

std::uint32_t to_number(std::string_view text) {
  if (text == "*") return kUnbounded;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  HG_CHECK(error == std::errc{} && end == text.data() + text.size());
  return value;
}

Child make_child(std::string_view text) {
  Child child;
  const std::size_t colon = text.find(':');
  HG_CHECK(colon != std::string_view::npos);
  child.name = text.substr(0, colon);
  std::string_view type = text.substr(colon + 1);
  if (type.ends_with('?') || type.ends_with('*')) {
    child.least = 0;
    child.most = type.ends_with('*') ? kUnbounded : 1;
    type.remove_suffix(1);
  } else if (type.ends_with('+')) {
    child.most = kUnbounded;
    type.remove_suffix(1);
  } else if (const std::size_t brace = type.find('{'); brace != std::string_view::npos) {
    const std::string_view range = type.substr(brace + 1, type.size() - brace - 2);
    const std::size_t comma = range.find(',');
    child.least = to_number(range.substr(0, comma));
    child.most = to_number(range.substr(comma + 1));
    type = type.substr(0, brace);
  }
  child.type_name = type;
  return child;
}

using Words = std::vector<std::string_view>;

/// The rule that these words say; its links to other rules are still names.
Rule make_rule(const Words& words) {
  static const std::map<std::string_view, Kind> kKinds{
      {"seq", Kind::kSequence}, {"alt", Kind::kChoice},          {"any", Kind::kAny},
      {"text", Kind::kText},    {"attribute", Kind::kAttribute}, {"regex", Kind::kRegex},
      {"enum", Kind::kEnum},    {"decimal", Kind::kDecimal},     {"date", Kind::kDate},
      {"time", Kind::kTime},    {"datetime", Kind::kDateTime},   {"boolean", Kind::kBoolean}};
  Rule rule;
  rule.kind = kKinds.at(words[0]);
  rule.name = words[1];
  switch (rule.kind) {
    case Kind::kSequence:
    case Kind::kChoice:
      for (std::size_t i = 2; i < words.size(); ++i) rule.children.push_back(make_child(words[i]));
      break;
    case Kind::kAny:
      if (words.size() > 2) rule.any_namespace = words[2];
      break;
    case Kind::kAttribute:
      rule.value_type_name = words[2];
      rule.attribute = words[3];
      rule.attribute_type_name = words[4];
      break;
    case Kind::kText:
      rule.least = to_number(words[2]);
      rule.most = to_number(words[3]);
      break;
    case Kind::kRegex:
      rule.pattern = words[2];
      rule.regex.reset(xmlRegexpCompile(reinterpret_cast<const xmlChar*>(rule.pattern.c_str())));
      HG_CHECK(rule.regex != nullptr);
      break;
    case Kind::kEnum:
      rule.words.assign(words.begin() + 2, words.end());
      break;
    case Kind::kDecimal:
      rule.decimal = {to_number(words[2]), to_number(words[3]), words.size() > 4};
      break;
    case Kind::kDate:
    case Kind::kDateTime:
    case Kind::kTime:
    case Kind::kBoolean:
      break;
  }
  return rule;
}

class Grammar {
 public:
  Grammar() {
    initialise_xml();
    load(kGrammarStructures);
    load(kGrammarValues);
    for (auto& [name, rule] : rules_) {
      for (Child& child : rule.children) child.type = &rules_.at(child.type_name);
      if (rule.kind == Kind::kAttribute) {
        rule.value_type = &rules_.at(rule.value_type_name);
        rule.attribute_type = &rules_.at(rule.attribute_type_name);
      }
    }
    for (auto& [message, root] : roots_) root.type = &rules_.at(root.type_name);
  }

  [[nodiscard]] const Root* root(std::string_view message) const {
    const auto found = roots_.find(message);
    return found == roots_.end() ? nullptr : &found->second;
  }

 private:
  void load(std::string_view text) {
    Words words;
    const auto finish_rule = [this, &words] {
      if (words.empty()) return;
      if (words[0] == "root") {
        roots_[std::string{words[1]}] = {std::string{words[2]}, std::string{words[3]}};
      } else {
        const bool is_new = rules_.emplace(words[1], make_rule(words)).second;
        HG_CHECK(is_new);
      }
      words.clear();
    };
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1);
      std::string_view line = text.substr(0, end);
      text.remove_prefix(end + 1);
      if (!line.starts_with(' ')) finish_rule();
      while (!(line = trimmed(line)).empty()) {
        const std::size_t space = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, space));
        line.remove_prefix(space);
      }
    }
    finish_rule();
  }

  std::map<std::string, Rule, std::less<>> rules_;
  std::map<std::string, Root, std::less<>> roots_;
};

/// Built at the first use; initialisation of a local static is safe from any thread.
const Grammar& grammar() {
  static const Grammar instance;
  return instance;
}

}  // namespace

const Root* find_root(std::string_view message) { return grammar().root(message); }

}  // namespace hugang::iso20022
