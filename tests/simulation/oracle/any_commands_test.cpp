// The machine against the oracle over commands without regard for sense: after every entry both
// must have given the same answers and events, and hold the same book.
#include "tests/simulation/oracle/any_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace hugang::oracle {
namespace {

using testing::IsSubsetOf;
using wire::CommandKind;

/// HUGANG_ANY_COMMANDS_RUNS asks for more than the ordinary test makes.
std::uint64_t runs() {
  const char* asked = std::getenv("HUGANG_ANY_COMMANDS_RUNS");
  return asked == nullptr ? 200 : std::strtoull(asked, nullptr, 10);
}
constexpr int kSteps = 400;

struct Totals {
  std::array<std::uint64_t, 32> accepted{};
  std::uint64_t halts = 0;
  std::set<machine::Code> codes;
};

/// Those that the codes' page knows and nobody was told, by name.
std::set<std::string> never_told(const std::set<machine::Code>& told, int first, int last) {
  std::set<std::string> names;
  for (int number = first; number <= last; ++number) {
    const auto code = static_cast<machine::Code>(number);
    const std::string name{machine::code_name(code)};
    if (!told.contains(code) && name != machine::code_name(static_cast<machine::Code>(9'999))) {
      names.insert(name);
    }
  }
  return names;
}

Totals run_all(bool is_lying) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= runs(); ++seed) {
    AnyCommands commands{seed, is_lying};
    auto wrong = commands.found();
    for (int i = 0; i < kSteps && !wrong; ++i) wrong = commands.step();
    EXPECT_FALSE(wrong.has_value()) << "seed " << seed << ": " << *wrong;
    for (std::size_t kind = 0; kind < totals.accepted.size(); ++kind) {
      totals.accepted[kind] += commands.accepted(static_cast<CommandKind>(kind));
    }
    totals.halts += commands.halts();
    totals.codes.merge(commands.codes());
  }
  return totals;
}

TEST(AnyCommands, AreAnsweredByTheMachineAsTheOracleSays) {
  const Totals totals = run_all(false);
  for (std::size_t kind = 2; kind <= static_cast<std::size_t>(CommandKind::kResumePeer); ++kind) {
    if (kind == static_cast<std::size_t>(CommandKind::kResumePeer)) continue;
    EXPECT_GT(totals.accepted[kind], 0U) << "no command of kind " << kind << " was accepted";
  }
  // The first need millions of something or a peer that lies; the last three are rare.
  EXPECT_THAT(never_told(totals.codes, 1, 106),
              IsSubsetOf({"BALANCE_OVERFLOW", "CAPACITY", "OUTBOX_FULL", "RECONCILIATION_DIFFERS",
                          "RECONCILIATION_UNKNOWN", "AWAITING_AFFIRMATION", "CORRIDOR_RESERVED",
                          "AFFIRMATION_NOT_NEEDED"}));
}

TEST(AnyCommands, OfALyingPeerAreTakenAsTheOracleSays) {
  const Totals totals = run_all(true);
  EXPECT_GT(totals.halts, runs());
  EXPECT_THAT(never_told(totals.codes, 150, 161), testing::IsEmpty());
  EXPECT_GT(totals.accepted[static_cast<std::size_t>(CommandKind::kResumePeer)], runs());
}

}  // namespace
}  // namespace hugang::oracle
