// Commands of every kind without regard for sense: from a small world of ids, accounts and times,
// so that they meet each other, and often with one thing wrong. Two cities of bare machines
// exchange whatever comes of it. For tests that hold the machine against the oracle.
#pragma once

#include <array>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "clearing/machine/machine.hpp"
#include "tests/simulation/oracle/oracle.hpp"

namespace hugang::oracle {

/// The same seed gives the same numbers everywhere.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_{seed} {}
  /// 0 .. count - 1.
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  bool once_in(std::uint64_t count) { return below(count) == 0; }
  template <class T, std::size_t N>
  T one_of(const std::array<T, N>& choices) {
    return choices[below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

/// A command as it goes into a group.
struct AnyCommand {
  wire::CommandKind kind = wire::CommandKind::kTick;
  base::ParticipantId caller;
  base::Bytes record;
};

class AnyCity {
 public:
  AnyCity();

  /// Applies the commands as one entry, each as a group of its own (neighbouring transfers of one
  /// caller as one group). What the oracle has against it.
  [[nodiscard]] std::optional<std::string> apply(const std::vector<AnyCommand>& commands,
                                                 base::Timestamp at);

  [[nodiscard]] const machine::State& state() const { return machine_.state(); }
  [[nodiscard]] const machine::Machine& machine() const { return machine_; }
  /// Of every answer given.
  [[nodiscard]] const std::set<machine::Code>& codes() const { return codes_; }

 private:
  std::set<machine::Code> codes_;
  machine::Machine machine_;
  Oracle oracle_;
};

class AnyCommands {
 public:
  /// A lying peer signs what no honest node sends, now and then.
  AnyCommands(std::uint64_t seed, bool is_lying);

  /// Founds both cities: participants 1 (operator) to 4, an asset each, corridors, accounts.
  [[nodiscard]] std::optional<std::string> found();
  /// One entry at one of the cities.
  [[nodiscard]] std::optional<std::string> step();

  [[nodiscard]] std::uint64_t accepted(wire::CommandKind kind) const {
    return accepted_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] std::uint64_t halts() const { return halts_; }
  /// Of all answers and decisions of both cities.
  [[nodiscard]] std::set<machine::Code> codes() const;

 private:
  AnyCommand any_command(std::size_t city);
  AnyCommand retry(std::size_t city);
  AnyCommand transfer(std::size_t city);
  AnyCommand second_phase(std::size_t city);
  base::AccountNumber account_on_credit(std::size_t city, std::size_t asset);
  void redeem_on_credit(std::size_t city, wire::Transfer& t);
  std::vector<AnyCommand> chain(std::size_t city);
  AnyCommand instruct(std::size_t city);
  AnyCommand register_command(std::size_t city);
  AnyCommand asset_or_person();
  AnyCommand account_command(std::size_t city, base::NodeId peer);
  AnyCommand rules(std::size_t city, base::NodeId peer);
  AnyCommand settlement_command(std::size_t city);
  AnyCommand envelope(std::size_t city);
  AnyCommand signed_words(std::size_t city);
  base::Bytes forged_message(std::size_t to);

  base::CommandId id();
  base::ParticipantId caller();
  /// The operator, most of the time.
  base::ParticipantId ruler();
  /// The account's owner, most of the time.
  base::ParticipantId owner_of(std::size_t city, base::AccountNumber number);
  base::AccountNumber account(std::uint32_t node);
  std::int64_t amount();
  /// Around the city's time: before, at, or after.
  base::Timestamp time();
  wire::KeyRecord key(std::uint32_t number);
  void spoil(base::Bytes& record);

  Dice dice_;
  bool is_lying_;
  std::array<AnyCity, 2> cities_;
  std::array<std::vector<AnyCommand>, 2> done_;
  base::Timestamp now_{1'700'000'000'000'000'000};
  std::array<std::uint64_t, 32> accepted_{};
  std::uint64_t halts_ = 0;
};

}  // namespace hugang::oracle
