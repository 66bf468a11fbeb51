#include "clients/hugang/asset_book.hpp"

#include <algorithm>
#include <cctype>

#include "clients/format/amount_text.hpp"
#include "clients/format/minor_text.hpp"

namespace hugang::program {
namespace {

bool equal_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x)) ==
           std::toupper(static_cast<unsigned char>(y));
  });
}

/// What the contract allows and this program can print.
std::uint8_t scale_of(const v1::Asset& asset) {
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(asset.scale(), format::kScaleMax));
}

}  // namespace

AssetBook::AssetBook(const v1::ListAssetsResponse& response)
    : assets_{response.assets().begin(), response.assets().end()} {}

const v1::Asset* AssetBook::by_id(std::uint32_t asset) const {
  const auto found = std::ranges::find(assets_, asset, &v1::Asset::id);
  return found == assets_.end() ? nullptr : &*found;
}

Attempt<v1::Asset> AssetBook::find(std::string_view code_or_id) const {
  std::string known;
  for (const v1::Asset& asset : assets_) {
    if (equal_letters(asset.code(), code_or_id) || std::to_string(asset.id()) == code_or_id) {
      return asset;
    }
    known += (known.empty() ? "" : ", ") + asset.code();
  }
  return usage_failure("this node has no asset '" + std::string{code_or_id} +
                       "'; it has: " + (known.empty() ? "none" : known));
}

std::string AssetBook::code(std::uint32_t asset) const {
  const v1::Asset* found = by_id(asset);
  return found != nullptr ? found->code() : "asset " + std::to_string(asset);
}

std::string AssetBook::text(std::uint32_t asset, base::i128 minor) const {
  const v1::Asset* found = by_id(asset);
  if (found == nullptr) return format::minor_text(minor) + " minor";
  return format::amount_text(minor, scale_of(*found));
}

std::string AssetBook::text(std::uint32_t asset, const std::string& minor) const {
  if (minor.empty()) return "";
  const auto value = format::parse_minor(minor);
  return value ? text(asset, *value) : minor;
}

std::string AssetBook::plain_text(std::uint32_t asset, base::i128 minor) const {
  const v1::Asset* found = by_id(asset);
  if (found == nullptr) return "";
  std::string grouped = format::amount_text(minor, scale_of(*found));
  std::erase(grouped, ',');
  return grouped;
}

Attempt<base::Amount> AssetBook::parse(const v1::Asset& asset, std::string_view text) const {
  const auto amount = format::parse_amount(text, scale_of(asset));
  if (!amount) {
    return usage_failure("amount '" + std::string{text} + "' of " + asset.code() + " (" +
                         std::to_string(asset.scale()) +
                         " decimals): " + std::string{format::to_text(amount.error())});
  }
  if (amount->is_zero()) return usage_failure("the amount must be above zero");
  return *amount;
}

Attempt<AssetAmount> AssetBook::parse_pair(std::string_view text) const {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos || text.find(' ', blank + 1) != std::string_view::npos) {
    return usage_failure(
        "write asset and amount as one word in quotes, like \"CNY.D 920.00\", not '" +
        std::string{text} + "'");
  }
  std::string_view code = text.substr(0, blank);
  std::string_view number = text.substr(blank + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!code.empty() && is_digit(code.front())) std::swap(code, number);
  HG_TRY(asset, find(code));
  HG_TRY(amount, parse(asset, number));
  return AssetAmount{.asset = asset.id(), .amount = amount};
}

}  // namespace hugang::program
