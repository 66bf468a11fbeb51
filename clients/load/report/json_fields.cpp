#include "clients/load/report/json_fields.hpp"

#include <cmath>

namespace hugang::report {
namespace {

const nlohmann::json kNothing = nlohmann::json::object();

}  // namespace

JsonFields::JsonFields(const nlohmann::json& value, std::string path, Complaint& complaint)
    : value_{&value}, path_{std::move(path)}, complaint_{&complaint} {
  if (!value_->is_object()) {
    complain("", "must be an object");
    value_ = &kNothing;
  }
}

void JsonFields::complain(std::string_view name, std::string_view what) const {
  if (!is_good()) return;
  std::string place = path_;
  if (!place.empty() && !name.empty()) place += '.';
  place += name;
  if (place.empty()) place = "the file";
  complaint_->sentence = place + " " + std::string{what};
}

const nlohmann::json* JsonFields::find(const char* name) const {
  if (!is_good()) return nullptr;
  const auto member = value_->find(name);
  if (member == value_->end()) {
    complain(name, "is missing");
    return nullptr;
  }
  return &*member;
}

std::string JsonFields::text(const char* name, std::size_t bytes_max) const {
  const auto* member = find(name);
  if (member == nullptr) return {};
  if (!member->is_string()) {
    complain(name, "must be a text");
    return {};
  }
  const auto& text = member->get_ref<const std::string&>();
  if (text.size() > bytes_max) {
    complain(name, "is longer than " + std::to_string(bytes_max) + " bytes");
    return {};
  }
  return text;
}

std::uint64_t JsonFields::whole(const char* name, std::uint64_t max) const {
  const auto* member = find(name);
  if (member == nullptr) return 0;
  if (!member->is_number_unsigned() || member->get<std::uint64_t>() > max) {
    complain(name, "must be a whole number in 0.." + std::to_string(max));
    return 0;
  }
  return member->get<std::uint64_t>();
}

double JsonFields::number(const char* name, double max) const {
  const auto* member = find(name);
  if (member == nullptr) return 0;
  const double value = member->is_number() ? member->get<double>() : -1.0;
  if (!std::isfinite(value) || value < 0 || value > max) {
    complain(name, "must be a number in 0.." + std::to_string(static_cast<std::uint64_t>(max)));
    return 0;
  }
  return value;
}

bool JsonFields::flag(const char* name) const {
  const auto* member = find(name);
  if (member == nullptr) return false;
  if (!member->is_boolean()) complain(name, "must be true or false");
  return member->is_boolean() && member->get<bool>();
}

JsonFields JsonFields::object(const char* name) const {
  const auto* member = find(name);
  return {member == nullptr ? kNothing : *member, path_.empty() ? name : path_ + "." + name,
          *complaint_};
}

std::vector<JsonFields> JsonFields::objects(const char* name, std::size_t items_max) const {
  const auto* member = find(name);
  if (member == nullptr) return {};
  if (!member->is_array() || member->size() > items_max) {
    complain(name, "must be a list of at most " + std::to_string(items_max) + " objects");
    return {};
  }
  std::vector<JsonFields> items;
  const std::string place = path_.empty() ? name : path_ + "." + name;
  for (std::size_t i = 0; i < member->size(); ++i) {
    items.emplace_back((*member)[i], place + "[" + std::to_string(i) + "]", *complaint_);
  }
  return items;
}

std::vector<std::uint64_t> JsonFields::wholes(const char* name, std::size_t items_max,
                                              std::uint64_t max) const {
  const auto* member = find(name);
  if (member == nullptr) return {};
  if (!member->is_array() || member->size() > items_max) {
    complain(name, "must be a list of at most " + std::to_string(items_max) + " numbers");
    return {};
  }
  std::vector<std::uint64_t> items;
  for (const auto& item : *member) {
    if (!item.is_number_unsigned() || item.get<std::uint64_t>() > max) {
      complain(name, "must hold whole numbers in 0.." + std::to_string(max));
      return {};
    }
    items.push_back(item.get<std::uint64_t>());
  }
  return items;
}

std::vector<std::pair<std::string, std::uint64_t>> JsonFields::tallies(const char* name,
                                                                       std::size_t items_max,
                                                                       std::uint64_t max) const {
  const auto* member = find(name);
  if (member == nullptr) return {};
  if (!member->is_object() || member->size() > items_max) {
    complain(name, "must be an object of at most " + std::to_string(items_max) + " counts");
    return {};
  }
  std::vector<std::pair<std::string, std::uint64_t>> items;
  for (const auto& [key, count] : member->items()) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > max) {
      complain(name, "must hold whole numbers in 0.." + std::to_string(max));
      return {};
    }
    items.emplace_back(key, count.get<std::uint64_t>());
  }
  return items;
}

}  // namespace hugang::report
