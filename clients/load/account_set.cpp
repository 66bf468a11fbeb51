#include "clients/load/account_set.hpp"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

constexpr std::string_view kHead = "hugang-load accounts, format 1";

void append(std::string& text, std::string_view name, const Side& side) {
  if (side.accounts.size() == 0) return;
  text += fmt::format("{} node={} asset={} owner={} overdraw={}\n", name, side.node, side.asset,
                      side.owner, side.may_overdraw ? 1 : 0);
  const AccountSet& accounts = side.accounts;
  const auto index_of = [&](std::uint64_t i) {
    return base::parse_account_number(accounts.number(i))->index.value();
  };
  for (std::uint64_t i = 0; i < accounts.size();) {
    std::uint64_t end = i + 1;
    while (end < accounts.size() && index_of(end) == index_of(end - 1) + 1) ++end;
    text += fmt::format("{} {}\n", accounts.number(i).value(), end - i);
    i = end;
  }
}

/// "node=1" gives 1.
bool read_field(std::istringstream& words, std::string_view name, std::uint32_t& value) {
  std::string word;
  if (!(words >> word) || !word.starts_with(name)) return false;
  const char* begin = word.data() + name.size();
  const auto read = std::from_chars(begin, word.data() + word.size(), value);
  return read.ec == std::errc{} && read.ptr == word.data() + word.size();
}

bool read_head(const std::string& line, Side& side) {
  std::istringstream words{line};
  std::string name;
  std::uint32_t overdraw = 0;
  words >> name;
  const bool is_good = read_field(words, "node=", side.node) &&
                       read_field(words, "asset=", side.asset) &&
                       read_field(words, "owner=", side.owner) &&
                       read_field(words, "overdraw=", overdraw) && !(words >> name);
  side.may_overdraw = overdraw != 0;
  return is_good;
}

bool read_range(const std::string& line, AccountSet& accounts) {
  std::istringstream words{line};
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::string more;
  if (!(words >> first >> count) || words >> more || count == 0 || count > UINT32_MAX) return false;
  const auto parts = base::parse_account_number(base::AccountNumber{first});
  if (!parts || parts->index.value() + (count - 1) > UINT32_MAX) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint32_t>(parts->index.value() + i);
    accounts.add(base::make_account_number({parts->node, base::AccountIndex{index}}));
  }
  return true;
}

}  // namespace

void AccountSet::add(base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  HG_CHECK(parts.has_value());
  const std::uint32_t index = parts->index.value();
  if (size_ == 0) {
    node_ = parts->node;
    first_ = index;
  }
  HG_CHECK(parts->node == node_);
  if (indices_.empty() && index != first_ + size_) {
    for (std::uint64_t i = 0; i < size_; ++i) {
      indices_.push_back(static_cast<std::uint32_t>(first_ + i));
    }
  }
  if (!indices_.empty() || (size_ > 0 && index != first_ + size_)) indices_.push_back(index);
  ++size_;
}

std::string to_text(const AccountFile& file) {
  std::string text{kHead};
  text += "\n# Made by `hugang-load prepare`; of no use once the ledger is founded anew.\n";
  append(text, "payers", file.payers);
  append(text, "payees", file.payees);
  return text;
}

std::expected<AccountFile, std::string> parse_accounts(std::string_view text,
                                                       const std::filesystem::path& path) {
  AccountFile file;
  Side* side = nullptr;
  std::istringstream lines{std::string{text}};
  std::uint32_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    bool is_good = true;
    if (number == 1) {
      is_good = line == kHead;
    } else if (line.empty() || line.starts_with('#')) {
      continue;
    } else if (line.starts_with("payers ") || line.starts_with("payees ")) {
      side = line.starts_with("payers ") ? &file.payers : &file.payees;
      is_good = side->accounts.size() == 0 && read_head(line, *side);
    } else {
      is_good = side != nullptr && read_range(line, side->accounts) &&
                side->accounts.node().value() == side->node;
    }
    if (!is_good) {
      return std::unexpected{
          fmt::format("{}:{}: this is no line of a file that `hugang-load prepare` wrote; delete "
                      "the file and prepare again",
                      path.string(), number)};
    }
  }
  if (number == 0 || file.payers.accounts.size() < 2) {
    return std::unexpected{path.string() +
                           ": it names no accounts; delete the file and run `hugang-load prepare`"};
  }
  return file;
}

}  // namespace hugang::load
