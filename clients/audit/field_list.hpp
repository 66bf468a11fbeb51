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
  /// Control characters are shown as "\x1b": a ledger holds refused commands too, and none of their
  /// texts may steer the terminal that shows them.
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    std::string shown;
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7F) {
        shown += fmt::format("\\x{:02x}", byte);
      } else {
        shown += c;
      }
    }
    fields_.emplace_back(name, std::move(shown));
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
      text(name, fmt::format("{} minor units of asset {}", minor, asset.value()));
      return;
    }
    text(name,
         known->second.code + " " + format::amount_text(base::i128{minor}, known->second.scale));
  }
  Fields take() { return std::move(fields_); }

 private:
  Fields fields_;
};

}  // namespace hugang::audit
