// Collects fields, leaving out those that say nothing.
#pragma once

#include <fmt/format.h>

#include "clients/audit/entry_text.hpp"
#include "clients/format/amount_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/minor_text.hpp"
#include "clients/format/time_text.hpp"

namespace hugang::audit {

class FieldList {
 public:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.emplace_back(name, std::string{value});
  }
  void id(std::string_view name, base::CommandId id) {
    if (!id.is_none()) fields_.emplace_back(name, format::uuid_text(id));
  }
  void number(std::string_view name, std::uint64_t value) {
    if (value != 0) fields_.emplace_back(name, std::to_string(value));
  }
  void account(std::string_view name, base::AccountNumber number) {
    if (!number.is_none()) fields_.emplace_back(name, format::account_text(number));
  }
  void time(std::string_view name, base::Timestamp at) {
    if (!at.is_none()) fields_.emplace_back(name, format::time_text(at));
  }
  void key(std::string_view name, base::KeyId id) {
    fields_.emplace_back(name, fmt::format("{:016x}", id.value()));
  }
  void amount(std::string_view name, base::AssetId asset, std::int64_t minor,
              const AssetNames& assets) {
    const auto known = assets.find(asset);
    if (known == assets.end() || known->second.scale > format::kScaleMax) {
      fields_.emplace_back(name, fmt::format("{} minor units of asset {}", minor, asset.value()));
      return;
    }
    fields_.emplace_back(name, known->second.code + " " +
                                   format::amount_text(base::i128{minor}, known->second.scale));
  }
  Fields take() { return std::move(fields_); }

 private:
  Fields fields_;
};

}  // namespace hugang::audit
