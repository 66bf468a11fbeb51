// The accounts that a run pays between, and the file in which `hugang-load prepare` remembers them.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/account_number.hpp"
#include "clearing/base/strong_id.hpp"

namespace hugang::load {

/// Accounts of one node in one asset, numbered from 0 on. Where the ledger gave them numbers one
/// after another (it does unless others open accounts at the same time), a number is computed and
/// costs no memory access.
class AccountSet {
 public:
  /// Requires that `number` is an account number. Order is kept, repetitions are not looked for.
  void add(base::AccountNumber number);
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// Requires i < size().
  [[nodiscard]] base::AccountNumber number(std::uint64_t i) const {
    const std::uint32_t index =
        indices_.empty() ? static_cast<std::uint32_t>(first_ + i) : indices_[i];
    return base::make_account_number({node_, base::AccountIndex{index}});
  }
  [[nodiscard]] base::NodeId node() const { return node_; }

 private:
  base::NodeId node_;
  std::uint64_t first_ = 0;             ///< index of the first, while they follow one another
  std::uint64_t size_ = 0;              ///< of all
  std::vector<std::uint32_t> indices_;  ///< of all, once they do not
};

/// One side of the traffic.
struct Side {
  AccountSet accounts;
  std::uint32_t node = 0;
  std::uint32_t asset = 0;
  std::uint32_t owner = 0;    ///< the participant
  bool may_overdraw = false;  ///< the accounts may go below zero
};

struct AccountFile {
  Side payers;  ///< at the node under test
  Side payees;  ///< at another node, for cross-border traffic; may be empty
};

/// Three lines of text and more: accounts as ranges, so that ten million fit one line.
[[nodiscard]] std::string to_text(const AccountFile& file);
/// Or a sentence with the line.
[[nodiscard]] std::expected<AccountFile, std::string> parse_accounts(
    std::string_view text, const std::filesystem::path& path);

}  // namespace hugang::load
