// A ledger of transfers that is obviously right and slow: maps, copies and one rule after the
// other, written from docs/REJECTIONS.md and the wire contract, not from clearing/machine. It knows
// one asset and shares no code with the core beyond the names of codes and records.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "clearing/machine/codes.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::model {

using Big = base::i128;
using machine::Code;

struct NaiveAccount {
  std::uint32_t owner = 0;
  bool may_overdraw = false;
  bool is_reserve = false;  ///< may owe without bound, may never be owed
  bool is_frozen = false;
  bool is_closed = false;
  Big debits = 0;
  Big credits = 0;
  Big debits_held = 0;
  Big credits_held = 0;
  friend bool operator==(const NaiveAccount&, const NaiveAccount&) = default;
};

struct NaiveAnswer {
  Code code = Code::kOk;
  std::uint64_t value = 0;
  bool is_repeated = false;
  friend bool operator==(const NaiveAnswer&, const NaiveAnswer&) = default;
};

class NaiveLedger {
 public:
  explicit NaiveLedger(std::uint32_t asset) : asset_{asset} {}

  std::map<std::uint64_t, NaiveAccount> accounts;  ///< by number
  std::uint32_t participants = 0;
  std::int64_t single_max = 100'000'000'000'000'000;

  /// One transfer, or one whole chain, of one caller; `times` are the instants of its members.
  std::vector<NaiveAnswer> apply(std::uint32_t caller, const std::vector<wire::Transfer>& chain,
                                 bool is_open, std::int64_t now);

  /// Lets everything go that expires at or before `now`.
  void expire(std::int64_t now);

  [[nodiscard]] std::size_t open_holds() const { return holds_.size(); }

 private:
  struct NaiveHold {
    std::uint64_t debit = 0;
    std::uint64_t credit = 0;
    std::int64_t amount = 0;
    std::int64_t expires_at = 0;
  };
  struct Remembered {
    std::uint32_t caller = 0;
    std::string content;
    NaiveAnswer answer;
  };

  NaiveAnswer decide(std::uint32_t caller, const wire::Transfer& t, std::int64_t now);
  NaiveAnswer decide_first(std::uint32_t caller, const wire::Transfer& t);
  NaiveAnswer decide_second(std::uint32_t caller, const wire::Transfer& t);
  Code form(const wire::Transfer& t, std::int64_t now) const;
  const Remembered* known(base::u128 id) const;
  NaiveAnswer earlier(std::uint32_t caller, const wire::Transfer& t) const;

  std::uint32_t asset_;
  std::map<base::u128, NaiveHold> holds_;
  std::map<base::u128, Code> ended_;  ///< how a hold came to its end
  std::vector<base::u128> ended_in_chain_;
  std::map<base::u128, Remembered> memory_;
};

}  // namespace hugang::model
