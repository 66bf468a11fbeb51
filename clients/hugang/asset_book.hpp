// The node's assets: from codes that people write to numbers of the contract and back, and amounts
// by the asset's decimals.
#pragma once

#include <hugang/v1/account_service.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/amount.hpp"
#include "clients/hugang/failure.hpp"

namespace hugang::program {

struct AssetAmount {
  std::uint32_t asset = 0;
  base::Amount amount;  ///< above zero
};

class AssetBook {
 public:
  explicit AssetBook(const v1::ListAssetsResponse& response);

  [[nodiscard]] const std::vector<v1::Asset>& assets() const { return assets_; }
  /// By code, any case of letters, or by number. Failure lists what there is.
  [[nodiscard]] Attempt<v1::Asset> find(std::string_view code_or_id) const;
  /// The code, or "asset 7" for one that this node does not list.
  [[nodiscard]] std::string code(std::uint32_t asset) const;
  /// "1,234.56"; minor units with " minor" behind for an asset that this node does not list.
  [[nodiscard]] std::string text(std::uint32_t asset, base::i128 minor) const;
  /// The same from the contract's decimal text; what is no number is shown as it came.
  [[nodiscard]] std::string text(std::uint32_t asset, const std::string& minor) const;
  /// Without grouping, for --json; empty for an asset that this node does not list.
  [[nodiscard]] std::string plain_text(std::uint32_t asset, base::i128 minor) const;

  /// "12.50" of an asset.
  [[nodiscard]] Attempt<base::Amount> parse(const v1::Asset& asset, std::string_view text) const;
  /// "CNY.D 920.00" or "920.00 CNY.D".
  [[nodiscard]] Attempt<AssetAmount> parse_pair(std::string_view text) const;

 private:
  [[nodiscard]] const v1::Asset* by_id(std::uint32_t asset) const;
  std::vector<v1::Asset> assets_;
};

}  // namespace hugang::program
