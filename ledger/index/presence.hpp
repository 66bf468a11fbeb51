// Which accounts a run holds postings of: an answer without a look at the disk.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "clearing/base/strong_id.hpp"

namespace hugang::ledger::index {

/// A bit per account where most occur, a Bloom filter of 10 bits per occurring one (about 1 % false
/// hits) where few do: whichever is smaller. Never more than 10 bits per movement and side.
class Presence {
 public:
  enum class Form : std::uint32_t { kBitmap = 1, kBloom = 2 };

  Presence() = default;
  /// `accounts` are sorted and all different.
  explicit Presence(std::span<const std::uint32_t> accounts) {
    if (accounts.empty()) return;
    const std::size_t bitmap_bits = std::size_t{accounts.back()} + 1;
    const std::size_t bloom_bits = accounts.size() * kBloomBits;
    form_ = bitmap_bits <= bloom_bits ? Form::kBitmap : Form::kBloom;
    words_.resize((std::min(bitmap_bits, bloom_bits) + 63) / 64);
    for (const std::uint32_t account : accounts) {
      visit(account, [this](std::size_t bit) {
        words_[bit / 64] |= std::uint64_t{1} << (bit % 64);
        return true;
      });
    }
  }
  Presence(Form form, std::vector<std::uint64_t> words) : form_{form}, words_{std::move(words)} {}

  /// False only when the run has nothing of the account.
  [[nodiscard]] bool may_hold(base::AccountIndex account) const {
    if (words_.empty()) return false;
    if (form_ == Form::kBitmap && account.value() / 64 >= words_.size()) return false;
    return visit(account.value(),
                 [this](std::size_t bit) { return (words_[bit / 64] >> (bit % 64) & 1) != 0; });
  }

  [[nodiscard]] Form form() const { return form_; }
  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_; }

 private:
  static constexpr std::size_t kBloomBits = 10;
  static constexpr unsigned kProbes = 6;

  /// Calls with each bit of the account until the answer is false.
  template <class See>
  bool visit(std::uint32_t account, See see) const {
    if (form_ == Form::kBitmap) return see(std::size_t{account});
    std::uint64_t x = account * 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    const std::uint64_t step = (x >> 33) | 1;
    const std::size_t bits = words_.size() * 64;
    for (unsigned i = 0; i < kProbes; ++i, x += step) {
      if (!see(static_cast<std::size_t>((x & 0xFFFF'FFFF) * bits >> 32))) return false;
      x = x * 0xD1342543DE82EF95ULL + step;
    }
    return true;
  }

  Form form_ = Form::kBitmap;
  std::vector<std::uint64_t> words_;
};

}  // namespace hugang::ledger::index
