// Makes the transfers of a run: who pays whom how much under which id, the same from the same seed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "clearing/wire/records.hpp"
#include "clients/load/account_set.hpp"
#include "clients/load/random.hpp"
#include "clients/load/scenario.hpp"

namespace hugang::load {

/// Picks accounts, some of them more often.
class AccountPicker {
 public:
  /// Requires at least one account, two for pair(). Keeps a reference.
  AccountPicker(const AccountSet& accounts, const Scenario& scenario);

  struct Pair {
    base::AccountNumber debit;
    base::AccountNumber credit;
  };
  /// Two different accounts.
  Pair pair(Random& random) const {
    const std::uint64_t debit = index(random);
    std::uint64_t credit = index(random);
    if (credit == debit) credit = credit + 1 == size_ ? 0 : credit + 1;
    return {accounts_->number(debit), accounts_->number(credit)};
  }
  base::AccountNumber one(Random& random) const { return accounts_->number(index(random)); }

 private:
  std::uint64_t index(Random& random) const {
    if (to_hot_.is_never()) return random.below(size_);
    if (to_hot_.hits(random)) return random.below(hot_);
    return hot_ + random.below(size_ - hot_);
  }

  const AccountSet* accounts_;
  std::uint64_t size_;
  std::uint64_t hot_;  ///< the first so many are hot
  Chance to_hot_;
};

/// Ids of one run: unlike those of every other run, whatever the seed. In order: the run's number
/// above, a counter below, spread over threads so that each has its own. Random: UUID version 4.
class IdMaker {
 public:
  struct Place {
    std::uint64_t run = 0;      ///< the run's number; runs that begin later have higher ones
    std::uint32_t thread = 0;   ///< below threads
    std::uint32_t threads = 1;  ///< at least 1
  };
  IdMaker(IdOrder order, std::uint64_t seed, Place place);

  base::CommandId next() {
    if (order_ == IdOrder::kInOrder) {
      counter_ += place_.threads;
      return base::CommandId{base::make_u128(place_.run, counter_)};
    }
    // RFC 9562: version 4 in bits 48 to 51 of the upper half, variant 10 at the head of the lower.
    const std::uint64_t high = (random_.next() & 0xFFFF'FFFF'FFFF'0FFFu) | 0x4000u;
    const std::uint64_t low = (random_.next() >> 2) | (std::uint64_t{1} << 63);
    return base::CommandId{base::make_u128(high, low)};
  }

 private:
  IdOrder order_;
  Place place_;
  std::uint64_t counter_;
  Random random_;
};

/// What a request of a mixed run is.
enum class Form : std::uint8_t { kSingle, kHold, kChain, kBalancing, kBatch, kCrossBorder };
inline constexpr std::size_t kForms = 6;

/// One thread's own.
class TransferMaker {
 public:
  /// Keeps a reference to the side.
  TransferMaker(const Scenario& scenario, const Side& side, IdMaker::Place place);

  /// By the weights of the mix.
  [[nodiscard]] Form next_form();
  [[nodiscard]] base::CommandId next_id() { return ids_.next(); }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] bool is_retry_next() { return retry_.hits(random_); }

  void single(wire::Transfer& record);
  void balancing(wire::Transfer& record);
  /// A hold, and the post or void that ends it, to be sent after the hold is answered.
  void hold(wire::Transfer& first, wire::Transfer& second);
  /// All of them stand or fall together.
  void chain(std::span<wire::Transfer> records);
  /// A whole batch by the mix. A hold is ended in the same batch, after up to a few dozen others;
  /// where a hold or a chain does not fit any more, singles fill the rest. Answers how many are
  /// repetitions of an earlier transfer of the batch.
  std::uint32_t batch(std::span<wire::Transfer> records);

 private:
  std::uint32_t mixed_batch(std::span<wire::Transfer> records);
  [[nodiscard]] Form batch_form();

  AccountPicker picker_;
  IdMaker ids_;
  Random random_;
  base::AssetId asset_;
  std::int64_t amount_min_;
  std::uint64_t amount_count_;
  Chance retry_;
  Chance void_;
  std::uint32_t chain_length_;
  double cumulated_[kForms]{};  ///< weights, added up
  double local_weight_ = 0;     ///< of the forms that a batch can hold
  bool is_plain_ = false;       ///< batches hold singles only
  std::vector<wire::Transfer> pending_;
};

}  // namespace hugang::load
